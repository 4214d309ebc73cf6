package org.understudy.cli;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.PolicyRequest;
import org.understudy.api.PolicyView;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy}: how often is replicated and how many points are kept. */
@Command(name = "policy", description = "Replication policies.", mixinStandardHelpOptions = true,
        subcommands = {PolicyCommands.Create.class, PolicyCommands.ListAll.class, PolicyCommands.Show.class,
            PolicyCommands.Change.class, PolicyCommands.Delete.class})
final class PolicyCommands {
    private static Table table(List<PolicyView> policies) {
        return Table.of(policies, PolicyCommands::row,
                "NAME", "EVERY", "POINTS", "RECENT", "COMPRESSION", "DELETE REPLICA", "ID");
    }

    private static List<?> row(PolicyView policy) {
        var settings = policy.settings();
        return List.of(policy.name(), settings.copyFrequency().toSeconds() + " s", settings.standardPoints(),
                settings.recentWindow(), settings.compression() ? "on" : "off",
                settings.deleteReplica() ? "yes" : "no", policy.id());
    }

    /** The settings that both create and change take. */
    static final class Settings {
        @Option(names = "--every", paramLabel = "SECONDS",
                description = "copy frequency, 1 to 900 seconds (default: 300)")
        private Optional<Long> every = Optional.empty();
        @Option(names = "--points", paramLabel = "N", description = "hourly points kept, 0 to 24 (default: 24)")
        private Optional<Integer> points = Optional.empty();
        @Option(names = "--recent-window", paramLabel = "DURATION",
                description = "how long every position is a point, such as PT1H (default: PT1H)")
        private Optional<Duration> recentWindow = Optional.empty();
        @Option(names = "--app-consistent-hours", paramLabel = "N",
                description = "hours between application-consistent points; 0, off, is what this version offers")
        private Optional<Integer> applicationConsistent = Optional.empty();
        @Option(names = "--compression", negatable = true, fallbackValue = "true",
                description = "compress on the wire (default: yes)")
        private Optional<Boolean> compression = Optional.empty();
        @Option(names = "--delete-replica", negatable = true, fallbackValue = "true",
                description = "delete replicas when protection is disabled (default: no)")
        private Optional<Boolean> deleteReplica = Optional.empty();

        PolicyRequest request(String name) {
            return new PolicyRequest(name, every.map(Duration::ofSeconds), points, recentWindow,
                    applicationConsistent, compression, deleteReplica);
        }
    }

    /** {@code policy create}. */
    @Command(name = "create", description = "Make a policy.", sortOptions = false)
    static final class Create implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Settings settings;
        @Parameters(paramLabel = "POLICY", description = "its name")
        private String name;

        @Override
        public Integer call() {
            return invocation.show(client -> client.createPolicy(settings.request(name)), one -> table(List.of(one)));
        }
    }

    /** {@code policy change}. */
    @Command(name = "change", description = "Change a policy; items already protected follow.", sortOptions = false)
    static final class Change implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Settings settings;
        @Parameters(paramLabel = "POLICY", description = "name or id")
        private String name;

        @Override
        public Integer call() {
            return invocation.show(
                    client -> client.changePolicy(name, settings.request(client.policy(name).name())),
                    one -> table(List.of(one)));
        }
    }

    /** {@code policy list}. */
    @Command(name = "list", description = "List the policies.", sortOptions = false)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private Invocation invocation;

        @Override
        public Integer call() {
            return invocation.show(VaultClient::policies, PolicyCommands::table);
        }
    }

    /** {@code policy show}. */
    @Command(name = "show", description = "Show a policy.", sortOptions = false)
    static final class Show implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "POLICY", description = "name or id")
        private String name;

        @Override
        public Integer call() {
            return invocation.show(client -> client.policy(name), one -> table(List.of(one)));
        }
    }

    /** {@code policy delete}. */
    @Command(name = "delete", description = "Delete a policy.", sortOptions = false)
    static final class Delete implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Confirmation confirmation;
        @Parameters(paramLabel = "POLICY", description = "name or id")
        private String name;

        @Override
        public Integer call() {
            if (confirmation.isDryRun()) {
                return invocation.done(client -> client.policy(name), "would delete policy", name);
            }
            confirmation.require(invocation, "policy " + name + " will be deleted");
            return invocation.done(client -> client.deletePolicy(name), "deleted policy", name);
        }
    }
}
