package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.understudy.api.CleanupRequest;
import org.understudy.api.JobView;
import org.understudy.api.TestFailoverRequest;
import org.understudy.lab.GuestFirmware;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;

/**
 * A guest with Secure Boot and a TPM writes the number of its last record into a boot entry and into its TPM, and finds
 * both wherever it starts: in a test of the newest point and of an older one, at the other site and at home again. Each
 * number was on the disks before it was written, and so is at most the last record of disks of the same instant.
 *
 * <p>Minutes of firmware that QEMU imitates: {@code ./dev campaign firmware}; {@code understudy.target} is what system
 * the other host has.
 */
@Tag("campaign")
class FirmwareComesAlongTest {
    private static final Duration BOOT = Duration.ofMinutes(5);
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final int RATE = 10;
    /** Between two numbers lie two seconds and a write; the rest is a machine that is busy. */
    private static final int BEHIND_MAX = 12 * RATE;

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("firmware").withGuest(GuestSize.SMALL
            .withDisks(ByteCount.ofMebibytes(192), ByteCount.ofMebibytes(64)).withRecordsPerSecond(RATE).withUefi())
            .withHost(Lab.AMSTERDAM, System.getProperty("understudy.target", "own"));

    @Test
    void bootEntryAndSealedValueAreThereWhereverTheGuestStarts() throws IOException {
        LAB.protect();
        GuestFirmware begun = keeps(LAB.guest(), 1);
        assertThat(begun.secureBoot()).as("Secure Boot at home").isTrue();
        String older = newestPoint();
        GuestFirmware atOlder = LAB.guest().firmware();
        keeps(LAB.guest(), atOlder.keptEntry() + 2 * BEHIND_MAX);
        assertThat(newestPoint()).isNotEqualTo(older);

        GuestFirmware newest = tested(Optional.empty());
        assertThat(newest.foundEntry()).isGreaterThan(atOlder.keptEntry());
        GuestFirmware tested = tested(Optional.of(older));
        assertThat(tested.foundEntry()).as("the older point has its own boot entry")
                .isLessThanOrEqualTo(atOlder.keptEntry() + BEHIND_MAX).isLessThan(newest.foundEntry());

        goes(Lab.STOCKHOLM, Lab.AMSTERDAM);
        LAB.succeeded(LAB.vault().commit(LAB.vm()));
        LAB.deployment().awaitItem(LAB.vm(), "protection from the other site",
                now -> now.state().equals("Protected"), SOON);
        goes(Lab.AMSTERDAM, Lab.STOCKHOLM);
    }

    /** Waits until the guest has written a number of at least so much to both. */
    private static GuestFirmware keeps(LabGuest guest, long atLeast) throws IOException {
        return Await.atMost(SOON).until("boot entry and sealed value of record " + atLeast, guest::firmware,
                now -> now.keptEntry() >= atLeast && now.keptSealed() >= atLeast);
    }

    private static String newestPoint() {
        return LAB.item().latestPoint().orElseThrow().id();
    }

    private static GuestFirmware tested(Optional<String> point) throws IOException {
        JobView test = LAB.suspended(LAB.vault().testFailover(
                LAB.vm(), new TestFailoverRequest(point, Optional.empty())));
        LabGuest guest = LAB.lab().guest(LAB.vm() + " - Test", Lab.AMSTERDAM);
        guest.awaitAnswer(BOOT);
        GuestFirmware found = isOfOneInstant("a test of " + point.orElse("the newest point"), guest);
        LAB.succeeded(LAB.vault().cleanUpTestFailover(LAB.vm(), new CleanupRequest(Optional.empty())));
        LAB.succeeded(test);
        assertThat(filesOf(Lab.AMSTERDAM)).as("what a test leaves").doesNotContain("_VARS")
                .doesNotContainPattern("[0-9a-f]{8}-");
        return found;
    }

    private static String filesOf(String host) throws IOException {
        return Program.output(LAB.lab().exec(host, "ls", "/var/lib/libvirt/qemu/nvram", "/var/lib/libvirt/swtpm"));
    }

    private static void goes(String from, String to) throws IOException {
        GuestFirmware before = keeps(LAB.lab().guest(LAB.vm(), from), 1);
        Await.atMost(SOON).untilTrue("a planned failover to be possible",
                () -> LAB.vault().failOverAsPlannedDryRun(LAB.vm()).possible());
        LAB.succeeded(LAB.vault().failOverAsPlanned(LAB.vm()));
        LabGuest guest = LAB.lab().guest(LAB.vm(), to);
        guest.awaitAnswer(BOOT);
        GuestFirmware found = isOfOneInstant("the failover from " + from + " to " + to, guest);
        assertThat(found.foundEntry()).as("nothing was lost").isGreaterThanOrEqualTo(before.keptEntry());
        assertThat(found.foundSealed()).as("nothing was lost").isGreaterThanOrEqualTo(before.keptSealed());
        assertThat(filesOf(to)).as("nothing is set aside of what is kept elsewhere").doesNotContain("understudy-");
    }

    private static GuestFirmware isOfOneInstant(String where, LabGuest guest) throws IOException {
        GuestFirmware found = Await.atMost(SOON).until("the guest's own look at its disks", guest::firmware,
                now -> now.foundRecord() > 0 && now.keptEntry() > 0);
        System.out.printf("%s: last record %d, boot entry of %d, sealed %d, secure boot %b%n", where,
                found.foundRecord(), found.foundEntry(), found.foundSealed(), found.secureBoot());
        assertThat(found.secureBoot()).as("Secure Boot in %s", where).isTrue();
        for (long number : new long[] {found.foundEntry(), found.foundSealed()}) {
            assertThat(number).as(where).isPositive().isLessThanOrEqualTo(found.foundRecord())
                    .isGreaterThan(found.foundRecord() - BEHIND_MAX);
        }
        return found;
    }
}
