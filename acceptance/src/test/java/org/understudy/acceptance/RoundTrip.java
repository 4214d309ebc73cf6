package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.understudy.api.CleanupRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.LetPointGoRequest;
import org.understudy.api.Operation;
import org.understudy.api.RecoveryPointView;
import org.understudy.api.TestFailoverRequest;
import org.understudy.lab.GuestStatus;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.AgentProcess;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureException;
import org.understudy.model.RelationshipId;

/**
 * The legs of a round trip of one protected VM between two hosts, each with the proof, from nothing but the guest's own
 * records, of what it lost: a planned leg nothing, an unplanned one at most what was shown.
 */
final class RoundTrip {
    private static final Duration BOOT = Duration.ofMinutes(3);
    /** A way back over large disks takes longer. */
    static final Duration SOON = Duration.ofMinutes(Integer.getInteger("understudy.patience", 2));
    private static final int RATE = 20;
    /** What a guest rewrites before it has to answer: it has ten seconds. */
    private static final ByteCount PIECE = ByteCount.ofMebibytes(64);

    private final AcceptanceLab lab;
    private final ByteCount churn;
    private final RoundTripTable table = new RoundTripTable();
    private final StepTimes times = new StepTimes();
    /** The point at the host that was lost last which holds what it had and nobody else. */
    private Optional<String> leftBehind = Optional.empty();

    /** @param churn what the guest rewrites at either site while they differ */
    RoundTrip(AcceptanceLab lab, ByteCount churn) {
        this.lab = lab;
        this.churn = churn;
    }

    /** Fails over as planned and commits; the VM is protected from where it runs then. */
    void planned(String from, String to) throws IOException {
        long began = System.nanoTime();
        long generation = lab.item().generation();
        long before;
        times.done("beside the legs");
        // What the hand-over of the disks kept waiting may be in the last report yet.
        Await.atMost(SOON).untilTrue("a planned failover to be possible",
                () -> lab.vault().failOverAsPlannedDryRun(lab.vm()).possible());
        times.done("planned: it becomes possible");
        try (RecordSightings sightings = RecordSightings.at(lab.lab().guest(lab.vm(), from).address())) {
            lab.succeeded(lab.vault().failOverAsPlanned(lab.vm()));
            before = sightings.last();
        }
        times.done("planned: the failover");
        long found = found(to);
        times.done("planned: the guest boots and answers");
        assertThat(found).as("the last record of before").isGreaterThanOrEqualTo(before).isPositive();
        ItemView item = lab.deployment().awaitItem(lab.vm(), "replication in the other direction",
                now -> now.state().equals("Reversing") && now.generation() == generation + 1, SOON);
        times.done("planned: it is reversed by itself");
        commit();
        times.done("planned: the commit");
        item = protectedFrom(to, from);
        times.done("planned: protected back");
        assertThat(item.progress().sent().bytes()).as("bytes sent on the way back")
                .isLessThan(item.progress().total().bytes() / 4);
        table.planned(from, to, since(began), item.progress());
        earlierReplicaGoes(to, item, generation);
        times.done("planned: the VM gets its disks at " + to);
        goesOn(to);
        times.done("planned: the guest writes on");
    }

    /** What the VM had written where it diverged is in the way until a person lets it go. */
    private void commit() throws IOException {
        if (leftBehind.isPresent()) {
            // Before anything is begun, also while the item is being reversed.
            assertThatExceptionOfType(FailureException.class).isThrownBy(() -> lab.vault().commit(lab.vm()))
                    .withMessageContaining("understudy point let-go " + lab.vm() + " " + leftBehind.get());
            lab.succeeded(lab.vault().operate(
                    lab.vm(), Operation.LET_POINT_GO, new LetPointGoRequest(leftBehind.get())));
            leftBehind = Optional.empty();
        }
        lab.succeeded(lab.vault().commit(lab.vm()));
    }

    /**
     * The guest writes on at a host whose link to the other is cut, and so behind the last point; then the host dies,
     * and the VM is started at the other one and committed there. Answers the last record that the dead host's disks
     * hold at least.
     */
    long lost(String from, String to) throws IOException {
        long began = System.nanoTime();
        times.done("beside the legs");
        long atLeast;
        long shown;
        long found;
        try (RecordSightings sightings = RecordSightings.at(lab.lab().guest(lab.vm(), from).address())) {
            // The guest goes on from there where the sites differ: at the other one it begins where it did here.
            churn(from);
            Instant looking = Instant.now();
            Await.atMost(SOON).untilTrue("a point of a time that was looked at", () -> lab.item().latestPoint()
                    .orElseThrow().capturedAt().isAfter(looking.plusSeconds(1)));
            times.done("lost: a point behind what was rewritten");
            lab.lab().cut();
            long cut = lab.lab().guest(lab.vm(), from).status().records().last();
            churn(from);
            Await.atMost(SOON).until("records that the other site never sees", sightings::last,
                    last -> last > cut + 3 * RATE);
            times.done("lost: what the other site never sees");
            lab.killSite(from);
            lab.lab().heal();
            atLeast = sightings.last();
            lab.succeeded(lab.vault().failOver(lab.vm(), FailoverRequest.latest()));
            times.done("lost: the failover, with the silence of the dead host");
            shown = sightings.until(lab.item().failedOverTo().orElseThrow().capturedAt());
            found = found(to);
            assertThat(found).as("the last record that the point was told to hold").isGreaterThanOrEqualTo(shown);
            assertThat(found).as("the disks at the two sites differ").isLessThan(atLeast);
            times.done("lost: the guest boots and answers");
        }
        lab.succeeded(lab.vault().commit(lab.vm()));
        assertThat(lab.item().state()).isEqualTo("Committed");
        table.killed(from, to, since(began), atLeast - found, atLeast - shown);
        churn(to);
        goesOn(to);
        times.done("lost: the commit, and the guest writes on");
        return atLeast;
    }

    /** The dead host is back: its copy does not start, its disks are compared and become the replica's. */
    void reverse(String from, String to) throws IOException {
        lab.lab().startSite(to);
        lab.startAgent(to);
        times.done("reversed: the dead host is back, with its agent");
        Await.atMost(SOON).untilTrue("the old primary to be told", () -> Files.readString(lab.lab().host(to)
                .outside(AgentProcess.DATA.resolve("roles").resolve(lab.item().vm().toString())))
                .contains("role=left-behind"));
        times.done("reversed: it is told that its VM was left behind");
        // The vault knows of its VMs what was told before the site was lost, until they are told anew.
        Await.atMost(SOON).untilTrue("a reversal to be possible",
                () -> lab.vault().rehearse(lab.vm(), Operation.REVERSE_REPLICATE, Map.of()).possible());
        times.done("reversed: it becomes possible");
        long began = System.nanoTime();
        lab.succeeded(lab.vault().operate(lab.vm(), Operation.REVERSE_REPLICATE, Map.of()));
        times.done("reversed: the job");
        ItemView item = protectedFrom(from, to);
        times.done("reversed: protected back");
        leftBehind = lab.vault().recoveryPoints(lab.vm()).stream().filter(RecoveryPointView::kept)
                .map(RecoveryPointView::id).findFirst();
        assertThat(leftBehind).contains(item.generation() + "-0");
        long differs = 2 * churn.bytes() + RoundTripTable.RECORDS.bytes();
        System.out.printf("%s changed at either site: %s sent, %.3f of what both changed%n", churn,
                item.progress().sent(), item.progress().sent().bytes() / (2.0 * churn.bytes()));
        assertThat(item.progress().sent().bytes()).as("bytes sent where two times %s differ", churn)
                .isLessThan(differs + differs / 5);
        table.reversed(from, to, since(began), item.progress());
        goesOn(from);
        times.done("reversed: the guest writes on");
    }

    /** The dead host is back without the VM and its disks: it gets a new replica, of all that they hold. */
    void reverseToWhatLostItsDisks(String from, String to) throws IOException {
        times.done("beside the legs");
        lab.lab().startSite(to);
        new WayOut(lab).clear(to);
        lab.startAgent(to);
        Await.atMost(SOON).until("a reversal by a new replica to be possible",
                () -> lab.vault().rehearse(lab.vm(), Operation.REVERSE_REPLICATE, Map.of()),
                dry -> dry.possible() && dry.actions().getFirst().contains("make a new replica"));
        long began = System.nanoTime();
        lab.succeeded(lab.vault().operate(lab.vm(), Operation.REVERSE_REPLICATE, Map.of()));
        ItemView item = protectedFrom(from, to);
        assertThat(lab.vault().recoveryPoints(lab.vm())).noneMatch(RecoveryPointView::kept);
        table.made(from, to, since(began), item.progress());
        goesOn(from);
        times.done("reversed: by a new replica");
    }

    /** What the guest wrote where it diverged is all there: it starts from it, behind its last record. */
    void lookAtWhatWasLeftBehind(String host, long atLeast) throws IOException {
        JobView test = lab.suspended(lab.vault().testFailover(
                lab.vm(), new TestFailoverRequest(leftBehind, Optional.empty())));
        GuestStatus diverged = lab.lab().guest(lab.vm() + " - Test", host).awaitAnswer(BOOT);
        lab.succeeded(lab.vault().cleanUpTestFailover(lab.vm(), new CleanupRequest(Optional.empty())));
        lab.succeeded(test);
        assertThat(diverged.records().firstOfThisBoot() - 1).as("the last record of the old disks")
                .isGreaterThanOrEqualTo(atLeast);
        times.done("a test from what was left behind");
    }

    /** Both disks of the guest are one instant; it stands still meanwhile. */
    void isOneInstant(String host) throws IOException {
        assertThat(lab.lab().guest(lab.vm(), host).records())
                .as("the lab's reader fails where they are not one instant").isNotBlank();
        times.done("both disks are read");
    }

    /** So that a copy of all would be large, and what is changed later was something; the VM is not protected yet. */
    void fill(String host, int churns) throws IOException {
        for (int i = 0; i < churns; i++) {
            churn(host);
        }
        for (String verb : new String[] {"destroy", "start"}) {
            Program.output(lab.lab().exec(host, "virsh", verb, lab.vm()));
        }
        lab.lab().guest(lab.vm(), host).awaitAnswer(BOOT);
    }

    RoundTripTable table() {
        return table;
    }

    StepTimes times() {
        return times;
    }

    private void churn(String host) throws IOException {
        for (long left = churn.bytes(); left > 0; left -= PIECE.bytes()) {
            lab.lab().guest(lab.vm(), host).churn(new ByteCount(Math.min(left, PIECE.bytes())));
        }
    }

    private ItemView protectedFrom(String source, String target) throws IOException {
        ItemView item = lab.deployment().awaitItem(lab.vm(), "protection from the other site",
                now -> now.state().equals("Protected"), SOON);
        assertThat(item.route().sourceHost().name()).isEqualTo(source);
        assertThat(item.route().targetHost().name()).isEqualTo(target);
        System.out.printf("%s to %s: protected back, %s sent of %s changed; the disks have %s%n", source, target,
                item.progress().sent(), item.progress().changed(), item.progress().total());
        return item;
    }

    /** The record behind which the guest went on at that host. */
    private long found(String host) throws IOException {
        GuestStatus there = lab.lab().guest(lab.vm(), host).awaitAnswer(BOOT);
        assertThat(there.state()).isEqualTo("writing");
        lab.lab().guest(lab.vm(), host).setRecordsPerSecond(RATE);
        return there.records().firstOfThisBoot() - 1;
    }

    private void earlierReplicaGoes(String host, ItemView item, long generation) throws IOException {
        Path over = lab.replicas(host).resolve(new RelationshipId(item.id(), generation).folderName());
        Await.atMost(SOON).untilTrue("the VM to have its disks, and the earlier replica to go",
                () -> Files.notExists(over));
    }

    private void goesOn(String host) throws IOException {
        long last = lab.lab().guest(lab.vm(), host).status().records().last();
        Await.atMost(SOON).until("records at " + host,
                () -> lab.lab().guest(lab.vm(), host).status().records().last(), now -> now > last + RATE);
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
