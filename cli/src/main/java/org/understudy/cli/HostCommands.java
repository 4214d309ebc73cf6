package org.understudy.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.understudy.api.HostView;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code host}: the hosts that registered. */
@Command(name = "host", description = "Hosts: hypervisors with an agent.", mixinStandardHelpOptions = true,
        subcommands = {HostCommands.ListAll.class, HostCommands.Show.class, HostCommands.Assign.class,
            HostCommands.Confirm.class, HoldingCommands.class, HostCommands.Delete.class})
final class HostCommands {
    private static Table table(List<HostView> hosts) {
        return Table.of(hosts, HostCommands::row,
                "NAME", "SITE", "CLOUD", "CONNECTED", "LAST HEARTBEAT", "REPLICATION", "VERSION", "SET UP ANEW", "ID");
    }

    private static List<?> row(HostView host) {
        return List.of(host.name(), host.site(), host.cloud(), host.connected() ? "yes" : "no", host.lastHeartbeat(),
                endpoint(host.address(), host.port()), host.version(), host.anew().map(anew ->
                        "%s from %s, at %s: to be confirmed".formatted(
                                Table.time(anew.at()), anew.peer(), endpoint(anew.address(), anew.port()))),
                host.id());
    }

    private static String endpoint(String address, int port) {
        return (address.contains(":") ? "[" + address + "]" : address) + ":" + port;
    }

    /** {@code host confirm}. */
    @Command(name = "confirm", description = {"Say that a host that was set up anew is the same machine.",
            "Its new address is told to the others from then on."}, sortOptions = false)
    static final class Confirm implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "HOST", description = "name or id")
        private String host;

        @Override
        public Integer call() {
            return invocation.show(client -> client.confirmHost(host), one -> table(List.of(one)));
        }
    }

    /** {@code host assign}. */
    @Command(name = "assign", description = "Assign a host to a site.", sortOptions = false)
    static final class Assign implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "HOST", description = "name or id")
        private String host;
        @Option(names = "--site", required = true, paramLabel = "SITE", description = "name or id")
        private String site;

        @Override
        public Integer call() {
            return invocation.show(client -> client.assignHost(host, site), one -> table(List.of(one)));
        }
    }

    /** {@code host list}. */
    @Command(name = "list", description = "List the hosts.", sortOptions = false)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private Invocation invocation;

        @Override
        public Integer call() {
            return invocation.show(VaultClient::hosts, HostCommands::table);
        }
    }

    /** {@code host show}. */
    @Command(name = "show", description = "Show a host.", sortOptions = false)
    static final class Show implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "HOST", description = "name or id")
        private String name;

        @Override
        public Integer call() {
            return invocation.show(client -> client.host(name), one -> one.facts().isEmpty()
                    ? table(List.of(one)) : table(List.of(one)).above(facts(one)));
        }

        private static Table facts(HostView host) {
            return Table.of(host.facts(), fact -> List.of(fact.hinders() ? "no, needed" : fact.verdict(), fact.fact(),
                    fact.whatToDo()), "AS IT SHOULD BE", "FOUND", "WHAT TO DO");
        }
    }

    /** {@code host delete}. */
    @Command(name = "delete", description = "Delete a host.", sortOptions = false)
    static final class Delete implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Confirmation confirmation;
        @Parameters(paramLabel = "HOST", description = "name or id")
        private String name;

        @Override
        public Integer call() {
            if (confirmation.isDryRun()) {
                return invocation.done(client -> client.host(name), "would delete host", name);
            }
            confirmation.require(invocation, "host " + name + " will be deleted");
            return invocation.done(client -> client.deleteHost(name), "deleted host", name);
        }
    }
}
