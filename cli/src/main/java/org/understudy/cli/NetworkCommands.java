package org.understudy.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.NetworkMappingRequest;
import org.understudy.api.NetworkMappingView;
import org.understudy.api.NetworkView;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code network}: the networks of the sites and where each leads after a failover. */
@Command(name = "network", description = "Networks and their mappings.", mixinStandardHelpOptions = true,
        subcommands = {NetworkCommands.ListAll.class, NetworkCommands.MapNetwork.class,
            NetworkCommands.Mappings.class, NetworkCommands.Unmap.class})
final class NetworkCommands {
    private static Table table(List<NetworkView> networks) {
        // Few networks of libvirt have port groups; where none has, the column would only raise the question.
        return networks.stream().allMatch(network -> network.subnets().isEmpty())
                ? Table.of(networks, network -> List.of(network.site(), network.name(),
                        network.active() ? "yes" : "no", network.hosts()), "SITE", "NETWORK", "ACTIVE", "HOSTS")
                : Table.of(networks, network -> List.of(network.site(), network.name(),
                        network.active() ? "yes" : "no", network.subnets(), network.hosts()),
                        "SITE", "NETWORK", "ACTIVE", "PORT GROUPS", "HOSTS");
    }

    private static Table mappingTable(List<NetworkMappingView> mappings) {
        return Table.of(mappings, mapping -> List.of(mapping.sourceSite(), mapping.sourceNetwork(),
                mapping.targetSite(), mapping.targetNetwork(), mapping.id()),
                "SOURCE SITE", "SOURCE NETWORK", "TARGET SITE", "TARGET NETWORK", "ID");
    }

    /** {@code network list}. */
    @Command(name = "list", description = "List the networks that hosts reported.", sortOptions = false)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Option(names = "--site", paramLabel = "SITE", description = "of this site alone")
        private Optional<String> site = Optional.empty();

        @Override
        public Integer call() {
            return invocation.show(client -> client.networks(site), NetworkCommands::table);
        }
    }

    /** {@code network map}. */
    @Command(name = "map", description = "Map a network to one of another site; an older mapping is replaced.",
            sortOptions = false)
    static final class MapNetwork implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Option(names = "--source-site", required = true, paramLabel = "SITE", description = "where the VMs run")
        private String sourceSite;
        @Option(names = "--source", required = true, paramLabel = "NETWORK", description = "the network they are on")
        private String source;
        @Option(names = "--target-site", required = true, paramLabel = "SITE", description = "where the replicas are")
        private String targetSite;
        @Option(names = "--target", required = true, paramLabel = "NETWORK", description = "the network they get")
        private String target;

        @Override
        public Integer call() {
            return invocation.show(
                    client -> client.mapNetwork(new NetworkMappingRequest(sourceSite, source, targetSite, target)),
                    one -> mappingTable(List.of(one)));
        }
    }

    /** {@code network mappings}. */
    @Command(name = "mappings", description = "List the mappings.", sortOptions = false)
    static final class Mappings implements Callable<Integer> {
        @Mixin
        private Invocation invocation;

        @Override
        public Integer call() {
            return invocation.show(VaultClient::networkMappings, NetworkCommands::mappingTable);
        }
    }

    /** {@code network unmap}. */
    @Command(name = "unmap", description = "Delete a mapping.", sortOptions = false)
    static final class Unmap implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Confirmation confirmation;
        @Parameters(paramLabel = "MAPPING", description = "its id, see \"network mappings\"")
        private String mapping;

        @Override
        public Integer call() {
            if (confirmation.isDryRun()) {
                return invocation.done(VaultClient::networkMappings, "would delete mapping", mapping);
            }
            confirmation.require(invocation,
                    "adapters on the network of mapping " + mapping + " will be connected to nothing after a failover");
            return invocation.done(client -> client.deleteNetworkMapping(mapping), "deleted mapping", mapping);
        }
    }
}
