package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.understudy.api.ItemView;
import org.understudy.api.RecoveryPointView;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.ScratchFolder;
import org.understudy.lab.deployment.Await;
import org.understudy.lab.deployment.Deployment;
import org.understudy.model.ByteCount;
import org.understudy.model.LogPosition;

/**
 * An earlier version protects two VMs; vault and agents are replaced by this one, on the same folders. Replication
 * goes on where it was: the same chain of cycles, the same points, and no disk is copied again.
 *
 * <p>{@code -Dunderstudy.mixed=true}: before, one host has this version and the other the earlier one, both ways round,
 * and replication goes on.
 *
 * <p>{@code -Dunderstudy.earlier=<root of a built checkout of that version>}; {@code ./dev campaign upgrade} makes one.
 */
@Tag("campaign")
class EarlierVersionIsUpgradedInPlaceTest {
    private static final List<String> VMS = List.of("web01", "db01");
    private static final GuestSize SIZE = GuestSize.SMALL.withRecordsPerSecond(5).withDisks(
            ByteCount.ofMebibytes(192), ByteCount.ofMebibytes(96));
    private static final Duration GOES_ON = Duration.ofMinutes(2);
    private static final int CYCLES = 5;
    /** Of what the guests' images hold. */
    private static final double SENT_AGAIN_MAX = 0.25;

    @Test
    void replicationGoesOnWithoutCopyingAnew() throws IOException {
        Path home = Machine.repository();
        Path folder = home.resolve("acceptance/target/acceptance/upgrade");
        Lab lab = Lab.named("acc-upgrade", home);
        Machine.requireRootAndPrograms();
        lab.down();
        ScratchFolder.delete(folder);
        Files.createDirectories(folder);
        try {
            lab.up(2);
            Map<String, Standing> before = protectedByTheEarlierVersion(lab, folder);
            goesOn(lab, folder, before);
        } finally {
            lab.down();
        }
    }

    /**
     * Where an item stood before.
     *
     * @param point the id of its newest recovery point
     */
    private record Standing(String id, long generation, long acknowledged, String point) {}

    private static Map<String, Standing> protectedByTheEarlierVersion(Lab lab, Path folder) throws IOException {
        Path earlier = earlierHome();
        Map<String, Standing> standings = new TreeMap<>();
        try (EarlierProduct product = EarlierProduct.start(earlier, lab, folder)) {
            for (String vm : VMS) {
                lab.createGuest(SIZE, vm, Lab.STOCKHOLM);
                product.protect(vm);
            }
            for (String vm : VMS) {
                JsonNode item = Await.atMost(GOES_ON).until("cycles of " + vm, () -> product.item(vm),
                        seen -> seen.path("recoveryPoints").asLong() >= CYCLES);
                System.out.println("the earlier version of " + vm + ": " + item);
                JsonNode acknowledged = item.path("progress").path("acknowledged");
                standings.put(vm, new Standing(item.path("id").asText(), acknowledged.path("generation").asLong(),
                        acknowledged.path("sequence").asLong(), item.path("latestPoint").path("id").asText()));
            }
        }
        return standings;
    }

    private static void goesOn(Lab lab, Path folder, Map<String, Standing> before) throws IOException {
        try (Deployment deployment = new Deployment(lab, Machine.repository(), folder)) {
            deployment.startVault();
            if (Boolean.getBoolean("understudy.mixed")) {
                for (String updated : List.of(Lab.AMSTERDAM, Lab.STOCKHOLM)) {
                    copiesNothing(lab, () -> goesOnWhileTheyDiffer(deployment, folder, updated, before));
                }
            }
            copiesNothing(lab, () -> goesOnUpdated(deployment, before));
        }
    }

    /** A replacement of agents, and what comes after it until cycles get through. */
    private interface Replacement {
        void happens() throws IOException;
    }

    private static void copiesNothing(Lab lab, Replacement replacement) throws IOException {
        long sentBefore = sentBytes(lab);
        replacement.happens();
        assertThat(sentBytes(lab) - sentBefore).as("bytes sent by the source after agents were replaced")
                .isLessThan((long) (allocatedBytes(lab) * SENT_AGAIN_MAX));
    }

    private static void goesOnUpdated(Deployment deployment, Map<String, Standing> before) throws IOException {
        for (String host : Deployment.HOSTS) {
            deployment.agent(host).start();
            deployment.awaitConnected(host);
        }
        for (Map.Entry<String, Standing> entry : before.entrySet()) {
            Standing was = entry.getValue();
            long known = Math.max(was.acknowledged(), known(deployment, was));
            ItemView item = deployment.awaitItem(was.id(), "cycles of " + entry.getKey() + " by this version",
                    seen -> seen.progress().acknowledged()
                            .filter(position -> position.sequence() >= known + CYCLES).isPresent(),
                    GOES_ON);
            System.out.println("this version of " + entry.getKey() + ": " + item);
            assertThat(item.state()).isEqualTo("Protected");
            assertThat(item.progress().acknowledged().orElseThrow().generation()).isEqualTo(was.generation());
            assertThat(item.progress().covered()).isEqualTo(item.progress().total());
            assertThat(deployment.client().recoveryPoints(was.id())).extracting(RecoveryPointView::id)
                    .contains(was.point());
        }
    }

    /** Cycles get through from one release to the other; both agents are ended again. */
    private static void goesOnWhileTheyDiffer(
            Deployment deployment, Path folder, String updated, Map<String, Standing> before) throws IOException {
        String earlier = updated.equals(Lab.STOCKHOLM) ? Lab.AMSTERDAM : Lab.STOCKHOLM;
        try (EarlierProduct agents = EarlierProduct.agentsAlone(earlierHome(), deployment.lab(), folder)) {
            agents.runAgent(earlier);
            deployment.agent(updated).start();
            deployment.awaitConnected(updated);
            for (Map.Entry<String, Standing> entry : before.entrySet()) {
                // The vault may tell what it knew before: more than twice as many show that some came since.
                long known = known(deployment, entry.getValue());
                ItemView item = deployment.awaitItem(entry.getValue().id(), "cycles of " + entry.getKey() + " while "
                        + updated + " has this version and " + earlier + " the earlier one",
                        seen -> seen.progress().acknowledged()
                                .filter(position -> position.sequence() >= known + 2 * CYCLES).isPresent(), GOES_ON);
                System.out.println(updated + " updated, " + earlier + " not, " + entry.getKey() + ": " + item);
            }
            deployment.agent(updated).stop();
        }
    }

    private static long known(Deployment deployment, Standing item) throws IOException {
        return deployment.client().item(item.id()).progress().acknowledged().map(LogPosition::sequence).orElse(0L);
    }

    private static Path earlierHome() {
        return Path.of(System.getProperty("understudy.earlier", "")).toAbsolutePath();
    }

    private static long allocatedBytes(Lab lab) throws IOException {
        long bytes = 0;
        for (String vm : VMS) {
            for (String disk : List.of("vda", "vdb")) {
                Path image = lab.host(Lab.STOCKHOLM).images().resolve(vm + "-" + disk + ".qcow2");
                bytes += Long.parseLong(Program.output("du", "-B1", image.toString()).split("\\s")[0]);
            }
        }
        return bytes;
    }

    private static long sentBytes(Lab lab) throws IOException {
        String links = Program.output(lab.exec(Lab.STOCKHOLM, "ip", "-j", "-s", "link", "show", "dev", "eth0"));
        return new ObjectMapper().readTree(links).path(0).path("stats64").path("tx").path("bytes").asLong();
    }
}
