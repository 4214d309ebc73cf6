package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.ItemView;
import org.understudy.api.PolicyRequest;
import org.understudy.api.RecoveryPointView;
import org.understudy.lab.GuestRecords;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;
import org.understudy.model.RecoveryPoint;
import org.understudy.replica.Replica;

/**
 * Eighty times something dies while a guest is replicated: the source's agent, the target's agent and the vault by
 * kill -9, and the link between the hosts, twenty times each, at random moments of initial replication and of the
 * deltas after it. {@code -Dunderstudy.seed=N} repeats the faults of a run, {@code -Dunderstudy.rounds=N} makes fewer.
 */
class ReplicationSurvivesEveryKillTest {
    private static final int ROUNDS = Integer.getInteger("understudy.rounds", 20);
    /** As many are struck through a slow link, so that initial replication lasts through them. */
    private static final int SLOW_ROUNDS = ROUNDS / 2;
    private static final int OF_EACH_KIND_IN_EACH_PHASE = ROUNDS / 4;
    private static final ByteCount SLOW_LINK = new ByteCount(5_000_000);
    private static final ByteCount CHURN = ByteCount.ofMebibytes(320);
    /** Beside: what the guest writes meanwhile, torn ends of segments, what TCP repeats; but no whole slice. */
    private static final double SENT_OVER_HELD_MAX = 1.5;
    private static final Duration GOES_ON = Duration.ofSeconds(120);
    private static final Duration VAULT_START = Duration.ofSeconds(180);
    private static final Duration INITIAL_REPLICATION = Duration.ofMinutes(5);
    /** Far above what a write takes, far below any time limit of the product; the machine beneath may be busy. */
    private static final Duration GUEST_WAITS_MAX = Duration.ofSeconds(2);

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("kills").withGuest(
            GuestSize.SMALL.withDisks(ByteCount.ofMebibytes(512), ByteCount.ofMebibytes(192)));

    @TempDir
    private Path scratch;

    private final Fault.Tally inInitialReplication = new Fault.Tally();
    private final Fault.Tally inDeltas = new Fault.Tally();
    private final Set<String> pointsSeen = new TreeSet<>();
    /** For a position, a record of the guest that was durable before it was captured. */
    private final NavigableMap<Long, Long> recordsPromised = new TreeMap<>();
    private long viewedAcknowledged;
    private long total;

    @Test
    void eightyTimesAndLosesNothingThatWasAcknowledged() throws IOException {
        long seed = Long.getLong("understudy.seed", System.nanoTime() & 0xffff_ffffL);
        System.out.println("faults of -Dunderstudy.seed=" + seed);
        List<List<Fault>> rounds = Fault.rounds(ROUNDS, new Random(seed));
        // The guest's bytes are random; without compression what is sent can be held against what had to be.
        LAB.vault().changePolicy("every-second", new PolicyRequest("every-second", Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.of(false), Optional.empty()));
        LAB.guest().churn(CHURN);
        LAB.lab().cap(SLOW_LINK);
        long sentBefore = sentBytes();
        ItemView item = LAB.deployment().protect(LAB.vm());
        total = item.progress().total().bytes();
        Path folder = LAB.replicas(Lab.AMSTERDAM).resolve(item.id().toString());
        try (GuestWatch guest = GuestWatch.of(LAB.guest().address());
                ReplicaWatch replica = ReplicaWatch.of(folder);
                Saboteur saboteur = new Saboteur(LAB)) {
            Run run = new Run(guest, replica, saboteur);
            strike(run, rounds.subList(0, SLOW_ROUNDS));
            LAB.lab().uncap();
            LAB.deployment().awaitProtected(LAB.vm(), INITIAL_REPLICATION);
            initialReplicationSentNothingTwice(sentBytes() - sentBefore);
            strike(run, rounds.subList(SLOW_ROUNDS, ROUNDS));
            saboteur.vaultIsBack();
            everythingIsThere(run);
        }
    }

    /** What takes part in the run. */
    private record Run(GuestWatch guest, ReplicaWatch replica, Saboteur saboteur) {}

    private void strike(Run run, List<List<Fault>> rounds) throws IOException {
        for (List<Fault> round : rounds) {
            for (Fault fault : round) {
                strike(run, fault);
            }
        }
    }

    private void strike(Run run, Fault fault) throws IOException {
        Await.pass(fault.after());
        ReplicaStanding before = run.replica().standing();
        boolean initial = before.covered() < total;
        long record = run.guest().seen().record();
        // Two cycles may wait at the source and one be on its way: the third after the acknowledged one comes later.
        recordsPromised.put(before.acknowledged() + 4, record);
        long began = System.nanoTime();
        run.saboteur().strike(fault);
        ReplicaStanding broken = run.replica().standing();
        switch (fault.kind()) {
            case VAULT_KILLED -> goesOn(run, broken, "without the vault");
            // What the dead source had sent still arrives.
            case SOURCE_AGENT_KILLED -> broken = stopped(run);
            case TARGET_AGENT_KILLED, LINK_CUT -> { }
        }
        Await.pass(fault.lasts());
        run.saboteur().mend(fault, VAULT_START);
        goesOn(run, broken, "after fault " + fault);
        Await.atMost(GOES_ON).untilTrue("the guest to write on after fault " + fault,
                () -> run.guest().seen().record() > record);
        if (run.saboteur().vaultAnswers()) {
            viewIsTrue();
        }
        (initial ? inInitialReplication : inDeltas).add(fault);
        System.out.printf("fault %d %s lasted %d ms: %s to %s, record %d to %d, goes on after %d ms%n", fault.number(),
                fault.kind(), fault.lasts().toMillis(), before.brief(), run.replica().standing().brief(), record,
                run.guest().seen().record(), (System.nanoTime() - began) / 1_000_000);
        promisesAreKept(run);
    }

    /** Where the replica stands when nothing comes any more. */
    private static ReplicaStanding stopped(Run run) throws IOException {
        AtomicReference<ReplicaStanding> last = new AtomicReference<>(ReplicaStanding.NOTHING);
        return Await.atMost(GOES_ON).until("the last bytes of the killed source", run.replica()::standing,
                now -> now.equals(last.getAndSet(now)));
    }

    private static void goesOn(Run run, ReplicaStanding before, String when) throws IOException {
        Await.atMost(GOES_ON).until("replication to go on " + when + " from " + before, run.replica()::standing,
                now -> now.isBeyond(before));
    }

    private static void promisesAreKept(Run run) {
        assertThat(run.replica().broken()).isEmpty();
        assertThat(run.guest().seen().slowestWrite()).as("slowest write of the guest").isLessThan(GUEST_WAITS_MAX);
    }

    /** What the vault tells never goes back, and points that it listed stay (which is looked at in the end). */
    private void viewIsTrue() {
        ItemView item = LAB.item();
        long acknowledged = item.progress().acknowledged().map(position -> position.sequence()).orElse(0L);
        assertThat(acknowledged).as("acknowledged as the vault tells").isGreaterThanOrEqualTo(viewedAcknowledged);
        viewedAcknowledged = acknowledged;
        LAB.vault().recoveryPoints(LAB.vm()).forEach(point -> pointsSeen.add(point.id()));
    }

    private static void initialReplicationSentNothingTwice(long sent) throws IOException {
        long allocated = allocatedBytes();
        System.out.printf("initial replication: the guest's images hold %d MiB, %d MiB were sent%n",
                allocated >> 20, sent >> 20);
        assertThat(sent).as("bytes sent until initial replication was done")
                .isLessThan((long) (allocated * SENT_OVER_HELD_MAX));
    }

    private void everythingIsThere(Run run) throws IOException {
        Instant now = Clock.systemUTC().instant();
        long record = run.guest().seen().record();
        List<RecoveryPointView> points = Await.atMost(GOES_ON).until("a recovery point from after the last fault",
                () -> LAB.vault().recoveryPoints(LAB.vm()),
                listed -> listed.stream().anyMatch(point -> point.capturedAt().isAfter(now)));
        GuestWatch.Seen seen = run.guest().seen();
        System.out.printf("struck in initial replication %s, in deltas %s; %d points; guest's records %d to %d, "
                        + "slowest write %d ms, longest seen without a new record %d ms, %d questions unanswered%n",
                inInitialReplication, inDeltas, points.size(), seen.first(), seen.record(),
                seen.slowestWrite().toMillis(), seen.longestStill().toMillis(), seen.unanswered());
        assertThat(inInitialReplication.fewest()).isGreaterThanOrEqualTo(OF_EACH_KIND_IN_EACH_PHASE);
        assertThat(inDeltas.fewest()).isGreaterThanOrEqualTo(OF_EACH_KIND_IN_EACH_PHASE);
        assertThat(points).extracting(RecoveryPointView::id).containsAll(pointsSeen);
        promisesAreKept(run);
        LAB.stopAgent(Lab.STOCKHOLM);
        LAB.stopAgent(Lab.AMSTERDAM);
        pointsHoldWhatWasPromised(record);
    }

    private void pointsHoldWhatWasPromised(long record) throws IOException {
        try (CopiedReplicas copied = CopiedReplicas.of(LAB.replicas(Lab.AMSTERDAM), scratch)) {
            Replica replica = copied.replica(LAB.item().id());
            List<RecoveryPoint> points = replica.points().newestFirst();
            List<RecoveryPoint> looked = new ArrayList<>(
                    List.of(points.getFirst(), points.get(points.size() / 2), points.getLast()));
            for (RecoveryPoint point : looked) {
                GuestRecords records = copied.disks(replica, point).records();
                var promised = recordsPromised.floorEntry(point.position().sequence());
                System.out.printf("point %s: records up to %d, promised %s%n", point.position(), records.lastOnBoth(),
                        promised);
                assertThat(records.faults()).as("records of point %s", point.position()).isEmpty();
                assertThat(records.lastOnBoth()).isGreaterThanOrEqualTo(promised == null ? 1 : promised.getValue());
            }
            assertThat(copied.disks(replica, points.getFirst()).records().lastOnBoth()).isGreaterThanOrEqualTo(record);
        }
    }

    /** What the guest's images take at the source. */
    private static long allocatedBytes() throws IOException {
        long bytes = 0;
        for (String disk : List.of("vda", "vdb")) {
            Path image = LAB.lab().host(Lab.STOCKHOLM).images().resolve(LAB.vm() + "-" + disk + ".qcow2");
            bytes += Long.parseLong(Program.output("du", "-B1", image.toString()).split("\\s")[0]);
        }
        return bytes;
    }

    /** Everything that the source's host has put on the network, by its own interface's count. */
    private static long sentBytes() throws IOException {
        String links = Program.output(LAB.lab().exec(Lab.STOCKHOLM, "ip", "-j", "-s", "link", "show", "dev", "eth0"));
        return new ObjectMapper().readTree(links).path(0).path("stats64").path("tx").path("bytes").asLong();
    }
}
