package org.understudy.vault.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.understudy.model.HostId;
import org.understudy.vault.network.PlacementPlanner.Candidate;
import org.understudy.vault.network.PlacementPlanner.NoSuitableHost;
import org.understudy.vault.network.PlacementPlanner.Placed;

/** The placement rule N-09 with its named failures (E-05). */
class PlacementPlannerTest {
    private static Candidate host(String name, boolean connected, int replicas, String... networks) {
        return new Candidate(HostId.random(), name, connected, Set.of(networks), replicas);
    }

    private static String placed(List<Candidate> candidates, String... needed) {
        return switch (PlacementPlanner.place("gold", candidates, List.of(needed))) {
            case Placed placed -> placed.name();
            case NoSuitableHost none -> none.reason();
        };
    }

    @Test
    void takesTheSuitableHostWithTheFewestReplicas() {
        assertThat(placed(List.of(host("a", true, 3, "prod"), host("b", true, 1, "prod"), host("c", true, 0, "dmz")),
                "prod")).isEqualTo("b");
    }

    @Test
    void takesTheFirstByNameOfEquals() {
        assertThat(placed(List.of(host("b", true, 0), host("a", true, 0)))).isEqualTo("a");
    }

    @Test
    void namesWhatEachHostLacks() {
        assertThat(placed(List.of(host("b", false, 0, "prod"), host("a", true, 0, "dmz")), "prod", "dmz")).isEqualTo(
                "A suitable host for the replica virtual machine can't be found in cloud gold: "
                        + "host a lacks network prod; host b is not connected");
    }

    @Test
    void saysThatACloudIsEmpty() {
        assertThat(placed(List.of())).endsWith("the cloud has no hosts");
    }
}
