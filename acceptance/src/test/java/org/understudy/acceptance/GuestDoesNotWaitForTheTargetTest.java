package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.understudy.api.DisableRequest;
import org.understudy.lab.GuestSize;
import org.understudy.lab.GuestStatus;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;

/**
 * A slow target costs lag, never the guest's time: with a link of 1 MB/s the guest writes at more than four fifths of
 * its pace without protection, which is measured in the same run, before and after.
 *
 * <p>A twin of the guest, never protected, does the same at the same host all the time. What the machine beneath gives
 * to its guests may change from one quarter of a minute to the next by more than a fifth; it then changes for both, so
 * the guest's pace is counted in that of its twin. Both paces are printed as they are.
 */
class GuestDoesNotWaitForTheTargetTest {
    private static final ByteCount LINK = new ByteCount(1_000_000);
    private static final ByteCount CHURN = ByteCount.ofMebibytes(2);
    private static final int CHURNS = 7;
    private static final Duration BETWEEN_CHURNS = Duration.ofSeconds(3);
    private static final double FOUR_FIFTHS = 0.8;
    private static final GuestSize SIZE = GuestSize.SMALL
            .withDisks(ByteCount.ofMebibytes(160), ByteCount.ofMebibytes(96)).withRecordsPerSecond(0);

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("pace").withGuest(SIZE);

    /** Records a second of the guest and of its twin in the same seconds; and how long the guest waited for them. */
    private record Pace(double guest, double twin, GuestStatus.Pace latency) {
        @Override
        public String toString() {
            return "%.0f records/s, its twin %.0f (latency of both writes: median %d us, 99 %% %d us)".formatted(
                    guest, twin, latency.p50().toNanos() / 1000, latency.p99().toNanos() / 1000);
        }
    }

    @Test
    void itsWriteRateStaysAboveFourFifthsThroughALinkOfOneMegabyteASecond() throws IOException {
        LabGuest twin = LAB.lab().createGuest(SIZE, "twin01", Lab.STOCKHOLM);
        Pace before = pace(twin);
        LAB.protect();
        LAB.lab().cap(LINK);
        Pace whileProtected = pace(twin);
        long waiting = LAB.item().progress().waiting().bytes();
        LAB.lab().uncap();
        LAB.succeeded(LAB.vault().disable(LAB.vm(), DisableRequest.asPolicySays()));
        Pace after = pace(twin);

        double unprotected = (before.guest() + after.guest()) / (before.twin() + after.twin());
        double share = whileProtected.guest() / whileProtected.twin() / unprotected;
        System.out.printf("unprotected: %s%nprotected, link capped to 1 MB/s, %d KiB waiting: %s%nunprotected: %s%n"
                        + "share of the unprotected rate: %.0f %%; not counted in the twin's: %.0f %%%n",
                before, waiting >> 10, whileProtected, after, share * 100,
                200 * whileProtected.guest() / (before.guest() + after.guest()));
        assertThat(waiting).as("bytes waiting at the source: the link was the bottleneck").isPositive();
        assertThat(share).as("share of the unprotected rate").isGreaterThan(FOUR_FIFTHS);
    }

    private static Pace pace(LabGuest twin) throws IOException {
        GuestStatus guestBefore = LAB.guest().status();
        GuestStatus twinBefore = twin.status();
        long begun = System.nanoTime();
        for (int churn = 1; churn <= CHURNS; churn++) {
            LAB.guest().churn(CHURN);
            twin.churn(CHURN);
            long next = begun + churn * BETWEEN_CHURNS.toNanos();
            Await.atMost(BETWEEN_CHURNS.multipliedBy(10)).untilTrue("the next churn", () -> System.nanoTime() >= next);
        }
        GuestStatus guest = LAB.guest().status();
        double seconds = (System.nanoTime() - begun) / 1e9;
        GuestStatus other = twin.status();
        return new Pace((guest.records().last() - guestBefore.records().last()) / seconds,
                (other.records().last() - twinBefore.records().last()) / seconds, guest.pace());
    }
}
