package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.understudy.api.CleanupRequest;
import org.understudy.api.DisableRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.JobView;
import org.understudy.api.TestFailoverRequest;
import org.understudy.lab.GuestStatus;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.Await;

/**
 * The whole story between hosts of two releases of the distribution, each with the configuration of its packages, under
 * agents whose umask gives others nothing: protect, test, clean up, replicate on, fail over, commit, disable. At every
 * stage QEMU is its own user, reads the disks of its VMs alone, and nobody else reads anything.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AcrossReleases {
    private static final Duration BOOT = Duration.ofMinutes(3);
    private static final Duration REPLICATION = Duration.ofMinutes(2);

    @RegisterExtension
    final AcceptanceLab lab;

    AcrossReleases(AcceptanceLab lab) {
        this.lab = lab;
    }

    @Test
    void theGuestIsRehearsedTakenOverAndLetGo() throws IOException {
        lab.restartAgents("077");
        lab.protect();
        HostRights source = HostRights.of(lab, Lab.STOCKHOLM);
        HostRights target = HostRights.of(lab, Lab.AMSTERDAM);
        source.holdDuringACycle();
        source.hold();

        rehearse(target);
        long rehearsed = acknowledged();
        Await.atMost(REPLICATION).untilTrue("replication after the test", () -> acknowledged() > rehearsed + 1);

        lab.succeeded(lab.vault().failOver(lab.vm(), FailoverRequest.latest()));
        LabGuest guest = lab.lab().guest(lab.vm(), Lab.AMSTERDAM);
        assertThat(guest.awaitAnswer(BOOT).state()).isEqualTo("writing");
        target.hold();

        lab.succeeded(lab.vault().commit(lab.vm()));
        lab.succeeded(lab.vault().disable(lab.vm(), DisableRequest.asPolicySays()));
        assertThat(lab.vault().items()).isEmpty();
        long before = guest.status().records().last();
        Await.atMost(REPLICATION).until("records after the end of protection",
                () -> guest.status().records().last(), last -> last > before);
        assertThat(guest.records()).as("the lab's reader fails where they are not one instant").isNotBlank();
        target.hold();
    }

    private void rehearse(HostRights target) throws IOException {
        JobView test = lab.suspended(lab.vault().testFailover(lab.vm(), TestFailoverRequest.isolated()));
        GuestStatus tested = lab.lab().guest(lab.vm() + " - Test", Lab.AMSTERDAM).awaitAnswer(BOOT);
        assertThat(tested.state()).isEqualTo("writing");
        target.hold();
        lab.succeeded(lab.vault().cleanUpTestFailover(lab.vm(), new CleanupRequest(Optional.empty())));
        lab.succeeded(test);
    }

    private long acknowledged() {
        return lab.item().progress().acknowledged().orElseThrow().sequence();
    }
}
