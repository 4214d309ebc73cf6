package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.understudy.api.ItemView;
import org.understudy.lab.GuestStatus;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;
import org.understudy.model.RelationshipId;

/**
 * There and back again: a guest goes to the other site as planned, is protected from there at once, comes back as
 * planned into the disks that it left, and is protected again. Nothing is lost and nothing is copied but what changed.
 */
@Order(6)
class RoundTripTest {
    private static final Duration BOOT = Duration.ofMinutes(3);
    private static final Duration SOON = Duration.ofMinutes(2);

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("roundtrip");

    @Test
    void aGuestGoesToTheOtherSiteAndComesBackIntoItsOldDisks() throws IOException {
        ItemView item = LAB.protect();
        String disks = images(Lab.STOCKHOLM);
        LAB.guest().setRecordsPerSecond(20);
        Await.atMost(SOON).until("records", () -> LAB.guest().status().records().last(), last -> last > 40);
        try (RunningCopies copies = RunningCopies.of(item.vm())) {
            go(Lab.STOCKHOLM, Lab.AMSTERDAM, 2);
            go(Lab.AMSTERDAM, Lab.STOCKHOLM, 3);
            Await.atMost(SOON).untilTrue("the VM to have its old disks again",
                    () -> images(Lab.STOCKHOLM).equals(disks));
            assertThat(copies.looks()).isGreaterThan(100);
            assertThat(copies.most()).as("copies that ran at once").isEqualTo(1);
        }
    }

    /** Fails over as planned and commits; the VM is protected from where it runs then. */
    private static void go(String from, String to, long generation) throws IOException {
        long before = LAB.lab().guest(LAB.vm(), from).status().records().last();
        // What the hand-over of the disks kept waiting may be in the last report yet.
        Await.atMost(SOON).untilTrue("a planned failover to be possible",
                () -> LAB.vault().failOverAsPlannedDryRun(LAB.vm()).possible());
        LAB.succeeded(LAB.vault().failOverAsPlanned(LAB.vm()));
        GuestStatus there = LAB.lab().guest(LAB.vm(), to).awaitAnswer(BOOT);
        assertThat(there.state()).isEqualTo("writing");
        assertThat(there.records().firstOfThisBoot() - 1).as("the last record of before")
                .isGreaterThanOrEqualTo(before);
        LAB.lab().guest(LAB.vm(), to).setRecordsPerSecond(20);
        LAB.deployment().awaitItem(LAB.vm(), "replication in the other direction",
                item -> item.state().equals("Reversing") && item.generation() == generation, SOON);
        LAB.succeeded(LAB.vault().commit(LAB.vm()));
        ItemView item = LAB.deployment().awaitItem(LAB.vm(), "protection from the other site",
                now -> now.state().equals("Protected"), SOON);
        assertThat(item.route().sourceHost().name()).isEqualTo(to);
        assertThat(item.route().targetHost().name()).isEqualTo(from);
        ByteCount sent = item.progress().sent();
        System.out.printf("%s to %s: protected back, %s sent of %s changed; the disks have %s%n", from, to, sent,
                item.progress().changed(), item.progress().total());
        assertThat(sent.bytes()).as("bytes sent on the way back").isLessThan(item.progress().total().bytes() / 4);
        Path over = LAB.replicas(to).resolve(new RelationshipId(item.id(), generation - 1).folderName());
        Await.atMost(SOON).untilTrue("the VM to have its disks, and the earlier replica to go",
                () -> Files.notExists(over));
        long last = LAB.lab().guest(LAB.vm(), to).status().records().last();
        Await.atMost(SOON).until("records at the other site",
                () -> LAB.lab().guest(LAB.vm(), to).status().records().last(), now -> now > last + 20);
    }

    private static String images(String host) throws IOException {
        return Program.output(LAB.lab().exec(host, "virsh", "domblklist", LAB.vm()));
    }
}
