package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.understudy.api.ChangePointRequest;
import org.understudy.api.DisableRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.Operation;
import org.understudy.api.RecoveryPointView;
import org.understudy.lab.GuestStatus;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.Await;
import org.understudy.model.LogPosition;

/**
 * The product in one story: a guest is protected, its takeover is rehearsed, its site is lost, and it goes on at the
 * other one where it was, for good: protection ends without the site that is gone. A moment before the loss somebody
 * gives it another network card, another disk and more memory; it goes on with what it had at the point chosen.
 */
@Order(4)
class GuestGoesOnAtTheOtherSiteTest {
    private static final Duration BOOT = Duration.ofMinutes(3);
    private static final int RECORDS_PER_SECOND = 20;
    /** Far more than a copy frequency of one second needs, since the machine beneath may be busy. */
    private static final Duration LOSS_MAX = Duration.ofSeconds(30);

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("story");

    @Test
    void withTheNextRecordWhenItsSiteIsKilled() throws IOException {
        Story story = new Story(LAB);
        LAB.protect();
        LAB.guest().setRecordsPerSecond(RECORDS_PER_SECOND);
        Await.atMost(Duration.ofMinutes(2)).untilTrue("three recovery points", () -> LAB.item().recoveryPoints() >= 3);
        HostRights source = HostRights.of(LAB, Lab.STOCKHOLM);
        source.holdDuringACycle();
        source.hold();
        story.rehearse();

        HardwareChange change = HardwareChange.of(LAB);
        // A cycle that began after it: with a copy frequency of one second, a second before the loss.
        long before = acknowledged().sequence();
        Await.atMost(LOSS_MAX).untilTrue("the cycle after the change", () -> acknowledged().sequence() >= before + 2);
        long durableAtSource = LAB.guest().status().records().last();
        LogPosition acknowledged = acknowledged();
        LAB.killSite(Lab.STOCKHOLM);

        LabGuest guest = story.takeOver(withoutTheDiskThatWasPluggedIn());
        change.isThere(LAB.lab().host(Lab.AMSTERDAM));
        assertThat(failedOverTo()).isGreaterThanOrEqualTo(acknowledged.sequence());
        long kept = guest.status().records().firstOfThisBoot() - 1;
        System.out.printf("record %d was durable at the source before it was killed; %d is the last that was kept%n",
                durableAtSource, kept);
        assertThat(kept).isPositive()
                .isGreaterThanOrEqualTo(durableAtSource - LOSS_MAX.toSeconds() * RECORDS_PER_SECOND);

        itStartsFromAnotherPointAndComesBack(kept, change);
        story.keep();
        assertThat(guest.status().records().last()).isGreaterThan(kept);
        story.letGo(guest, new DisableRequest(Optional.empty(), Optional.of(true)));
    }

    /** What it wrote at the other site since its failover is lost, as was said; of what the points hold nothing is. */
    private static void itStartsFromAnotherPointAndComesBack(long kept, HardwareChange change) throws IOException {
        RecoveryPointView oldest = LAB.vault().recoveryPoints(LAB.vm()).getLast();
        GuestStatus then = changePoint(Optional.of(oldest.id()));
        assertThat(LAB.item().failedOverTo().orElseThrow().id()).isEqualTo(oldest.id());
        assertThat(then.records().firstOfThisBoot() - 1).as("an older state of it").isPositive().isLessThan(kept);
        change.isNotThere(LAB.lab().host(Lab.AMSTERDAM));
        GuestStatus again = changePoint(Optional.empty());
        change.isThere(LAB.lab().host(Lab.AMSTERDAM));
        assertThat(again.hostname()).isEqualTo(LAB.vm());
        assertThat(again.records().firstOfThisBoot() - 1).as("the latest point, as it was before").isEqualTo(kept);
        System.out.printf("changed to point %s, which ends with record %d, and back to the latest: record %d%n",
                oldest.id(), then.records().firstOfThisBoot() - 1, again.records().firstOfThisBoot() - 1);
    }

    private static GuestStatus changePoint(Optional<String> point) throws IOException {
        LAB.succeeded(LAB.vault().operate(
                LAB.vm(), Operation.CHANGE_RECOVERY_POINT, new ChangePointRequest(point)));
        return LAB.lab().guest(LAB.vm(), Lab.AMSTERDAM).awaitAnswer(BOOT);
    }

    /** None of its bytes is at the target, which a person has to say that they know. */
    private static FailoverRequest withoutTheDiskThatWasPluggedIn() {
        return new FailoverRequest(Optional.empty(), Optional.empty(), Optional.of(true),
                Optional.of("Disk vdz was empty."));
    }

    private static LogPosition acknowledged() {
        return LAB.item().progress().acknowledged().orElseThrow();
    }

    private static long failedOverTo() {
        String id = LAB.item().failedOverTo().orElseThrow().id();
        return Long.parseLong(id.substring(id.lastIndexOf('-') + 1));
    }
}
