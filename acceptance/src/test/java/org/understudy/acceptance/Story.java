package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
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
 * The chapters of the product's story that are the same wherever it is told: a test and its clean-up, the takeover, and
 * the end of protection, after which the guest is the target's own and goes on.
 */
record Story(AcceptanceLab lab) {
    private static final Duration BOOT = Duration.ofMinutes(3);
    private static final Duration RECORDS = Duration.ofMinutes(2);

    /** The guest runs apart, under the rights of its host, and is gone after the clean-up. */
    void rehearse() throws IOException {
        JobView test = lab.suspended(lab.vault().testFailover(lab.vm(), TestFailoverRequest.isolated()));
        GuestStatus tested = lab.lab().guest(lab.vm() + " - Test", Lab.AMSTERDAM).awaitAnswer(BOOT);
        assertThat(tested.state()).isEqualTo("writing");
        HostRights.of(lab, Lab.AMSTERDAM).hold();
        lab.succeeded(lab.vault().cleanUpTestFailover(lab.vm(), new CleanupRequest(Optional.empty())));
        lab.succeeded(test);
    }

    /** The guest writes at the target. */
    LabGuest takeOver() throws IOException {
        return takeOver(FailoverRequest.latest());
    }

    LabGuest takeOver(FailoverRequest asked) throws IOException {
        lab.succeeded(lab.vault().failOver(lab.vm(), asked));
        LabGuest guest = lab.lab().guest(lab.vm(), Lab.AMSTERDAM);
        GuestStatus status = guest.awaitAnswer(BOOT);
        assertThat(status.state()).isEqualTo("writing");
        assertThat(status.hostname()).isEqualTo(lab.vm());
        HostRights.of(lab, Lab.AMSTERDAM).hold();
        return guest;
    }

    /** Commits: there is no way back to a point. */
    void keep() throws IOException {
        lab.succeeded(lab.vault().commit(lab.vm()));
        assertThat(lab.item().state()).isEqualTo("Committed");
        assertThat(lab.vault().recoveryPoints(lab.vm())).isEmpty();
    }

    /** Ends the protection; the guest has written more, in one chain, as QEMU's tools read its running disks. */
    void letGo(LabGuest guest, DisableRequest asked) throws IOException {
        lab.succeeded(lab.vault().disable(lab.vm(), asked));
        assertThat(lab.vault().items()).isEmpty();
        long before = guest.status().records().last();
        Await.atMost(RECORDS).until("records after the end of protection",
                () -> guest.status().records().last(), last -> last > before);
        assertThat(guest.records()).as("the lab's reader fails where they are not one instant").isNotBlank();
        HostRights.of(lab, Lab.AMSTERDAM).hold();
    }
}
