package org.understudy.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.CloudPairRequest;
import org.understudy.api.CloudPairView;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pair}: which cloud replicates to which, by which policy. */
@Command(name = "pair", description = "Cloud pairs: which cloud replicates to which.", mixinStandardHelpOptions = true,
        subcommands = {PairCommands.Create.class, PairCommands.ListAll.class, PairCommands.Show.class,
            PairCommands.Delete.class})
final class PairCommands {
    private static Table table(List<CloudPairView> pairs) {
        return Table.of(pairs, pair -> List.of(pair.name(), pair.source(), pair.target(), pair.policy(), pair.id()),
                "NAME", "SOURCE", "TARGET", "POLICY", "ID");
    }

    /** {@code pair create}. */
    @Command(name = "create", description = "Pair two clouds.", sortOptions = false)
    static final class Create implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(arity = "0..1", paramLabel = "PAIR", description = "its name (default: source-to-target)")
        private Optional<String> name = Optional.empty();
        @Option(names = "--source", required = true, paramLabel = "CLOUD", description = "where the VMs run")
        private String source;
        @Option(names = "--target", required = true, paramLabel = "CLOUD", description = "where the replicas go")
        private String target;
        @Option(names = "--policy", required = true, paramLabel = "POLICY", description = "name or id")
        private String policy;

        @Override
        public Integer call() {
            return invocation.show(
                    client -> client.createCloudPair(new CloudPairRequest(name, source, target, policy)),
                    one -> table(List.of(one)));
        }
    }

    /** {@code pair list}. */
    @Command(name = "list", description = "List the cloud pairs.", sortOptions = false)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private Invocation invocation;

        @Override
        public Integer call() {
            return invocation.show(VaultClient::cloudPairs, PairCommands::table);
        }
    }

    /** {@code pair show}. */
    @Command(name = "show", description = "Show a cloud pair.", sortOptions = false)
    static final class Show implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "PAIR", description = "name or id")
        private String name;

        @Override
        public Integer call() {
            return invocation.show(client -> client.cloudPair(name), one -> table(List.of(one)));
        }
    }

    /** {@code pair delete}. */
    @Command(name = "delete", description = "Delete a cloud pair.", sortOptions = false)
    static final class Delete implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Confirmation confirmation;
        @Parameters(paramLabel = "PAIR", description = "name or id")
        private String name;

        @Override
        public Integer call() {
            if (confirmation.isDryRun()) {
                return invocation.done(client -> client.cloudPair(name), "would delete cloud pair", name);
            }
            confirmation.require(invocation, "cloud pair " + name + " will be deleted");
            return invocation.done(client -> client.deleteCloudPair(name), "deleted cloud pair", name);
        }
    }
}
