package org.understudy.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.understudy.api.CloudRequest;
import org.understudy.api.CloudView;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cloud}: named sets of hosts of one site. */
@Command(name = "cloud", description = "Clouds: named sets of hosts of one site.", mixinStandardHelpOptions = true,
        subcommands = {CloudCommands.Create.class, CloudCommands.ListAll.class, CloudCommands.Show.class,
            CloudCommands.AddHost.class, CloudCommands.RemoveHost.class, CloudCommands.Delete.class})
final class CloudCommands {
    private static Table table(List<CloudView> clouds) {
        return Table.of(clouds, cloud -> List.of(cloud.name(), cloud.site(), cloud.hosts(), cloud.id()),
                "NAME", "SITE", "HOSTS", "ID");
    }

    /** {@code cloud create}. */
    @Command(name = "create", description = "Make a cloud.", sortOptions = false)
    static final class Create implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "CLOUD", description = "its name")
        private String name;
        @Option(names = "--site", required = true, paramLabel = "SITE", description = "name or id")
        private String site;
        @Option(names = "--host", paramLabel = "HOST", split = ",", description = "name or id; may be repeated")
        private List<String> hosts;

        @Override
        public Integer call() {
            return invocation.show(client -> client.createCloud(new CloudRequest(name, site, hosts)),
                    one -> table(List.of(one)));
        }
    }

    /** {@code cloud add-host}. */
    @Command(name = "add-host", description = "Put a host into a cloud.", sortOptions = false)
    static final class AddHost implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(index = "0", paramLabel = "CLOUD", description = "name or id")
        private String cloud;
        @Parameters(index = "1", paramLabel = "HOST", description = "name or id")
        private String host;

        @Override
        public Integer call() {
            return invocation.show(client -> client.addHostToCloud(cloud, host), one -> table(List.of(one)));
        }
    }

    /** {@code cloud remove-host}. */
    @Command(name = "remove-host", description = "Take a host out of a cloud.", sortOptions = false)
    static final class RemoveHost implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Confirmation confirmation;
        @Parameters(index = "0", paramLabel = "CLOUD", description = "name or id")
        private String cloud;
        @Parameters(index = "1", paramLabel = "HOST", description = "name or id")
        private String host;

        @Override
        public Integer call() {
            if (confirmation.isDryRun()) {
                return invocation.done(client -> client.cloud(cloud), "would take host " + host + " out of", cloud);
            }
            confirmation.require(invocation, "host " + host + " will be taken out of cloud " + cloud);
            return invocation.done(client -> client.removeHostFromCloud(cloud, host),
                    "took host " + host + " out of", cloud);
        }
    }

    /** {@code cloud list}. */
    @Command(name = "list", description = "List the clouds.", sortOptions = false)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private Invocation invocation;

        @Override
        public Integer call() {
            return invocation.show(VaultClient::clouds, CloudCommands::table);
        }
    }

    /** {@code cloud show}. */
    @Command(name = "show", description = "Show a cloud.", sortOptions = false)
    static final class Show implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "CLOUD", description = "name or id")
        private String name;

        @Override
        public Integer call() {
            return invocation.show(client -> client.cloud(name), one -> table(List.of(one)));
        }
    }

    /** {@code cloud delete}. */
    @Command(name = "delete", description = "Delete a cloud.", sortOptions = false)
    static final class Delete implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Confirmation confirmation;
        @Parameters(paramLabel = "CLOUD", description = "name or id")
        private String name;

        @Override
        public Integer call() {
            if (confirmation.isDryRun()) {
                return invocation.done(client -> client.cloud(name), "would delete cloud", name);
            }
            confirmation.require(invocation, "cloud " + name + " will be deleted");
            return invocation.done(client -> client.deleteCloud(name), "deleted cloud", name);
        }
    }
}
