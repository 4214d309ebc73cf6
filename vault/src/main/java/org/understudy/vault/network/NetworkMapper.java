package org.understudy.vault.network;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.model.NetworkAdapter;
import org.understudy.model.VirtualNetwork;

/**
 * The rules by which a replica's adapters meet the target site's networks (N-04 to N-08). Pure: asked again whenever
 * adapters, mappings or networks may have changed, so that a changed mapping re-attaches every replica (N-06).
 */
public final class NetworkMapper {
    private NetworkMapper() {}

    /**
     * Where each adapter goes.
     *
     * @param mappings source network to target network, of the two sites concerned
     * @param targets the networks that the target host can reach; a mapped network that is not among them keeps its
     *     name without a subnet, and {@link #missing} names it
     */
    public static List<AdapterAttachment> attach(
            List<NetworkAdapter> adapters, Map<String, String> mappings, List<VirtualNetwork> targets) {
        return adapters.stream().map(adapter -> attach(adapter, mappings, targets)).toList();
    }

    /**
     * What is mapped from one site to another, with what follows from the mappings of the other way: a network to which
     * exactly one is mapped there goes back to that one.
     */
    public static Map<String, String> bothWays(Map<String, String> mappings, Map<String, String> ofTheOtherWay) {
        Map<String, String> all = new HashMap<>();
        ofTheOtherWay.forEach((there, here) -> {
            if (ofTheOtherWay.values().stream().filter(here::equals).count() == 1) {
                all.put(here, there);
            }
        });
        all.putAll(mappings);
        return all;
    }

    /** The target networks that the adapters need; the replica's host must reach all of them (N-09). */
    public static List<String> needed(List<NetworkAdapter> adapters, Map<String, String> mappings) {
        return adapters.stream()
                .flatMap(adapter -> adapter.network().stream())
                .flatMap(network -> Optional.ofNullable(mappings.get(network)).stream())
                .distinct()
                .sorted()
                .toList();
    }

    /** The needed networks that the target host lacks. */
    public static List<String> missing(
            List<NetworkAdapter> adapters, Map<String, String> mappings, List<VirtualNetwork> targets) {
        var present = targets.stream().map(VirtualNetwork::name).collect(Collectors.toSet());
        return needed(adapters, mappings).stream().filter(network -> !present.contains(network)).toList();
    }

    private static AdapterAttachment attach(
            NetworkAdapter adapter, Map<String, String> mappings, List<VirtualNetwork> targets) {
        Optional<String> network = adapter.network().map(mappings::get);
        Optional<String> subnet = network
                .flatMap(name -> targets.stream().filter(target -> target.name().equals(name)).findFirst())
                .flatMap(target -> subnet(adapter.subnet(), target.subnets()));
        return new AdapterAttachment(adapter.index(), adapter.macAddress(), network, subnet);
    }

    /** The subnet rule: the one of the same name, otherwise the first (N-07). */
    private static Optional<String> subnet(Optional<String> source, List<String> targets) {
        return source.filter(targets::contains).or(() -> targets.stream().findFirst());
    }
}
