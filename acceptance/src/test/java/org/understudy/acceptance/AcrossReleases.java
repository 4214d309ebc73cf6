package org.understudy.acceptance;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.understudy.api.DisableRequest;
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
    private static final Duration REPLICATION = Duration.ofMinutes(2);

    @RegisterExtension
    final AcceptanceLab lab;

    AcrossReleases(AcceptanceLab lab) {
        this.lab = lab;
    }

    @Test
    void theGuestIsRehearsedTakenOverAndLetGo() throws IOException {
        Story story = new Story(lab);
        lab.restartAgents("077");
        lab.protect();
        HostRights source = HostRights.of(lab, Lab.STOCKHOLM);
        source.holdDuringACycle();
        source.hold();

        story.rehearse();
        long rehearsed = acknowledged();
        Await.atMost(REPLICATION).untilTrue("replication after the test", () -> acknowledged() > rehearsed + 1);

        LabGuest guest = story.takeOver();
        story.keep();
        story.letGo(guest, DisableRequest.asPolicySays());
    }

    private long acknowledged() {
        return lab.item().progress().acknowledged().orElseThrow().sequence();
    }
}
