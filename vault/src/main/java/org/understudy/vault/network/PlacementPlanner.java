package org.understudy.vault.network;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.understudy.model.HostId;

/** The rule by which a replica's host is chosen: connected, and in reach of all mapped networks (N-09, E-05). Pure. */
public final class PlacementPlanner {
    private PlacementPlanner() {}

    /** A host of the target cloud. */
    public record Candidate(HostId host, String name, boolean connected, Set<String> networks, int replicas) {
        public Candidate {
            networks = Set.copyOf(networks);
        }
    }

    /** What came of looking for a host. */
    public sealed interface Placement {}

    /** This host takes the replica. */
    public record Placed(HostId host, String name) implements Placement {}

    /** No host can; {@code reason} names each with what it lacks. */
    public record NoSuitableHost(String reason) implements Placement {}

    /** Chooses the suitable host with the fewest replicas, and of equals the first by name. */
    public static Placement place(String cloud, Collection<Candidate> candidates, Collection<String> needed) {
        return candidates.stream()
                .filter(candidate -> candidate.connected() && candidate.networks().containsAll(needed))
                .min(Comparator.comparingInt(Candidate::replicas).thenComparing(Candidate::name))
                .<Placement>map(best -> new Placed(best.host(), best.name()))
                .orElseGet(() -> new NoSuitableHost(reason(cloud, candidates, needed)));
    }

    private static String reason(String cloud, Collection<Candidate> candidates, Collection<String> needed) {
        String start = "A suitable host for the replica virtual machine can't be found in cloud " + cloud + ": ";
        if (candidates.isEmpty()) {
            return start + "the cloud has no hosts";
        }
        List<String> reasons = new ArrayList<>();
        for (Candidate candidate : candidates.stream().sorted(Comparator.comparing(Candidate::name)).toList()) {
            List<String> lacking = needed.stream().filter(name -> !candidate.networks().contains(name)).toList();
            if (!candidate.connected()) {
                reasons.add("host " + candidate.name() + " is not connected");
            } else {
                reasons.add("host " + candidate.name() + " lacks network " + String.join(", ", lacking));
            }
        }
        return start + String.join("; ", reasons);
    }
}
