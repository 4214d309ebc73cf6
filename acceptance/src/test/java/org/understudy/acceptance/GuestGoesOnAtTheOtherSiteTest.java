package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.understudy.api.CleanupRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.JobView;
import org.understudy.api.TestFailoverRequest;
import org.understudy.lab.GuestStatus;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.Await;
import org.understudy.model.LogPosition;

/**
 * The product in one story: a guest is protected, its takeover is rehearsed, its site is lost, and it goes on at the
 * other one where it was.
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
        LAB.protect();
        LAB.guest().setRecordsPerSecond(RECORDS_PER_SECOND);
        Await.atMost(Duration.ofMinutes(2)).untilTrue("three recovery points", () -> LAB.item().recoveryPoints() >= 3);
        HostRights.of(LAB, Lab.STOCKHOLM).holdDuringACycle();
        HostRights.of(LAB, Lab.STOCKHOLM).hold();
        rehearse();

        long durableAtSource = LAB.guest().status().records().last();
        LogPosition acknowledged = LAB.item().progress().acknowledged().orElseThrow();
        LAB.killSite(Lab.STOCKHOLM);

        LAB.succeeded(LAB.vault().failOver(LAB.vm(), FailoverRequest.latest()));
        LabGuest guest = LAB.lab().guest(LAB.vm(), Lab.AMSTERDAM);
        GuestStatus status = guest.awaitAnswer(BOOT);
        assertThat(status.state()).isEqualTo("writing");
        assertThat(status.hostname()).isEqualTo(LAB.vm());
        assertThat(failedOverTo()).isGreaterThanOrEqualTo(acknowledged.sequence());
        long kept = status.records().firstOfThisBoot() - 1;
        System.out.printf("record %d was durable at the source before it was killed; %d is the last that was kept%n",
                durableAtSource, kept);
        assertThat(kept).isPositive()
                .isGreaterThanOrEqualTo(durableAtSource - LOSS_MAX.toSeconds() * RECORDS_PER_SECOND);

        LAB.succeeded(LAB.vault().commit(LAB.vm()));
        assertThat(LAB.item().state()).isEqualTo("Committed");
        assertThat(LAB.vault().recoveryPoints(LAB.vm())).isEmpty();
        itGoesOn(guest, kept);
        HostRights.of(LAB, Lab.AMSTERDAM).hold();
    }

    private static void rehearse() throws IOException {
        JobView test = LAB.suspended(LAB.vault().testFailover(LAB.vm(), TestFailoverRequest.isolated()));
        GuestStatus tested = LAB.lab().guest(LAB.vm() + " - Test", Lab.AMSTERDAM).awaitAnswer(BOOT);
        assertThat(tested.state()).isEqualTo("writing");
        HostRights.of(LAB, Lab.AMSTERDAM).hold();
        LAB.succeeded(LAB.vault().cleanUpTestFailover(LAB.vm(), new CleanupRequest(Optional.empty())));
        LAB.succeeded(test);
    }

    /** On the disks of the running guest, read by QEMU's tools: one chain of records over the loss of the site. */
    private static void itGoesOn(LabGuest guest, long kept) throws IOException {
        long before = guest.status().records().last();
        Await.atMost(Duration.ofMinutes(1)).until("records after the commit",
                () -> guest.status().records().last(), last -> last > before);
        assertThat(before).isGreaterThan(kept);
        assertThat(guest.records()).as("the lab's reader fails where they are not one instant").isNotBlank();
    }

    private static long failedOverTo() {
        String id = LAB.item().failedOverTo().orElseThrow().id();
        return Long.parseLong(id.substring(id.lastIndexOf('-') + 1));
    }
}
