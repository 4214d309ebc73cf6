package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;

/**
 * There and back again: a guest goes to the other site as planned and comes back as planned into the disks that it
 * left; then its site is killed while the disks differ, it goes on at the other one, and the old disks follow it by
 * what differs, what they alone hold kept. Nothing planned loses anything, and no two copies ever run.
 *
 * <p>In the lab of {@link EveryStepIsStruckTest}, which leaves the VM where it was. Once, without the last way home;
 * {@code -Dunderstudy.times=N} makes N whole rounds, each leg's disks looked at, and at their end a host that lost the
 * VM ({@code ./dev campaign round-trips}); {@code understudy.disk} and {@code understudy.churn}, MiB, make large ones.
 */
@Order(9)
class RoundTripTest {
    private static final int TIMES = Integer.getInteger("understudy.times", 0);
    private static final ByteCount DISK = ByteCount.ofMebibytes(Integer.getInteger("understudy.disk", 192));
    private static final ByteCount CHURN = ByteCount.ofMebibytes(Integer.getInteger("understudy.churn", 4));

    /** Then the disks are filled first, and the planned legs left out. */
    private static final boolean LARGE = CHURN.bytes() > ByteCount.ofMebibytes(64).bytes();
    private static final int FILLS = 4;

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab
            .named(LARGE ? "large" : TIMES == 0 ? "roundtrip" : "trips")
            .withGuest(GuestSize.SMALL.withDisks(DISK, ByteCount.ofMebibytes(96)));

    @Test
    void aGuestGoesToTheOtherSiteAndComesBackIntoItsOldDisks() throws IOException {
        RoundTrip trip = new RoundTrip(LAB, CHURN);
        if (LARGE) {
            trip.fill(Lab.STOCKHOLM, FILLS);
        }
        LAB.protect();
        String disks = images(Lab.STOCKHOLM);
        LAB.guest().setRecordsPerSecond(20);
        Await.atMost(RoundTrip.SOON).until("records", () -> LAB.guest().status().records().last(), last -> last > 40);
        RoundTripResults results = RoundTripResults.ofAllRuns();
        try (RunningCopies copies = RunningCopies.of(LAB.item().vm())) {
            try {
                rounds(trip, disks, copies, results);
            } finally {
                results.print();
                trip.times().print();
            }
            assertThat(copies.looks()).isGreaterThan(100);
            assertThat(copies.most()).as("copies that ran at once").isEqualTo(1);
        }
    }

    private static void rounds(RoundTrip trip, String disks, RunningCopies copies, RoundTripResults results)
            throws IOException {
        for (int i = 1; i <= Math.max(1, TIMES) && !results.isToStop(); i++) {
            System.out.println("round " + i + " of " + Math.max(1, TIMES));
            kept(RoundTripResults.ROUND, trip, copies, results, () -> round(trip, disks));
        }
        if (TIMES > 0 && !results.isToStop()) {
            // Once a run: at its end the VM has disks that the product made, and no old ones.
            kept("a host that lost the VM", trip, copies, results, () -> lostWithItsDisks(trip));
        }
    }

    private interface Part {
        void go() throws IOException;
    }

    private static void kept(String name, RoundTrip trip, RunningCopies copies, RoundTripResults results, Part part)
            throws IOException {
        Optional<Throwable> failure = Optional.empty();
        try {
            part.go();
            assertThat(copies.most()).as("copies that ran at once").isLessThanOrEqualTo(1);
        } catch (IOException | RuntimeException | AssertionError e) {
            failure = Optional.of(e);
            throw e;
        } finally {
            results.add(name, trip.table().taken(), copies, failure);
        }
    }

    private static void lostWithItsDisks(RoundTrip trip) throws IOException {
        trip.lost(Lab.STOCKHOLM, Lab.AMSTERDAM);
        trip.reverseToWhatLostItsDisks(Lab.AMSTERDAM, Lab.STOCKHOLM);
        trip.planned(Lab.AMSTERDAM, Lab.STOCKHOLM);
        trip.isOneInstant(Lab.STOCKHOLM);
    }

    private static void round(RoundTrip trip, String disks) throws IOException {
        if (!LARGE) {
            thereAndBack(trip, disks);
        }
        lostAndFound(trip);
        if (TIMES > 0) {
            trip.planned(Lab.AMSTERDAM, Lab.STOCKHOLM);
            hasItsOldDisks(disks);
            trip.isOneInstant(Lab.STOCKHOLM);
        }
    }

    private static void thereAndBack(RoundTrip trip, String disks) throws IOException {
        trip.planned(Lab.STOCKHOLM, Lab.AMSTERDAM);
        if (TIMES > 0) {
            trip.isOneInstant(Lab.AMSTERDAM);
        }
        trip.planned(Lab.AMSTERDAM, Lab.STOCKHOLM);
        hasItsOldDisks(disks);
    }

    private static void lostAndFound(RoundTrip trip) throws IOException {
        long atLeast = trip.lost(Lab.STOCKHOLM, Lab.AMSTERDAM);
        trip.reverse(Lab.AMSTERDAM, Lab.STOCKHOLM);
        if (TIMES > 0) {
            trip.lookAtWhatWasLeftBehind(Lab.STOCKHOLM, atLeast);
            trip.isOneInstant(Lab.AMSTERDAM);
        }
    }

    private static void hasItsOldDisks(String disks) throws IOException {
        Await.atMost(RoundTrip.SOON).untilTrue("the VM to have its old disks again",
                () -> images(Lab.STOCKHOLM).equals(disks));
    }

    private static String images(String host) throws IOException {
        return Program.output(LAB.lab().exec(host, "virsh", "domblklist", LAB.vm()));
    }
}
