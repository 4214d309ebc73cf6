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
import org.understudy.api.Operation;
import org.understudy.api.RecoveryPointView;
import org.understudy.lab.GuestStatus;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.Await;
import org.understudy.model.LogPosition;

/**
 * The product in one story: a guest is protected, its takeover is rehearsed, its site is lost, and it goes on at the
 * other one where it was, for good: protection ends without the site that is gone.
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

        long durableAtSource = LAB.guest().status().records().last();
        LogPosition acknowledged = LAB.item().progress().acknowledged().orElseThrow();
        LAB.killSite(Lab.STOCKHOLM);

        LabGuest guest = story.takeOver();
        assertThat(failedOverTo()).isGreaterThanOrEqualTo(acknowledged.sequence());
        long kept = guest.status().records().firstOfThisBoot() - 1;
        System.out.printf("record %d was durable at the source before it was killed; %d is the last that was kept%n",
                durableAtSource, kept);
        assertThat(kept).isPositive()
                .isGreaterThanOrEqualTo(durableAtSource - LOSS_MAX.toSeconds() * RECORDS_PER_SECOND);

        itStartsFromAnotherPointAndComesBack(kept);
        story.keep();
        assertThat(guest.status().records().last()).isGreaterThan(kept);
        story.letGo(guest, new DisableRequest(Optional.empty(), Optional.of(true)));
    }

    /** What it wrote at the other site since its failover is lost, as was said; of what the points hold nothing is. */
    private static void itStartsFromAnotherPointAndComesBack(long kept) throws IOException {
        RecoveryPointView oldest = LAB.vault().recoveryPoints(LAB.vm()).getLast();
        GuestStatus then = changePoint(Optional.of(oldest.id()));
        assertThat(LAB.item().failedOverTo().orElseThrow().id()).isEqualTo(oldest.id());
        assertThat(then.records().firstOfThisBoot() - 1).as("an older state of it").isPositive().isLessThan(kept);
        GuestStatus again = changePoint(Optional.empty());
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

    private static long failedOverTo() {
        String id = LAB.item().failedOverTo().orElseThrow().id();
        return Long.parseLong(id.substring(id.lastIndexOf('-') + 1));
    }
}
