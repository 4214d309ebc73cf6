package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.JobView;
import org.understudy.api.NetworkMappingRequest;
import org.understudy.lab.GuestRecords;
import org.understudy.lab.GuestSize;
import org.understudy.lab.GuestStatus;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;

/**
 * A guest that writes until it is shut down goes on at the other site behind its last record, from disks that are those
 * of its source to the last byte, and at the address that it had; and goes on where it was when somebody changes their
 * mind. In the lab of
 * {@link WrongInputChangesNothingTest}, after it.
 */
@Order(Integer.MAX_VALUE / 2 + 1)
class PlannedFailoverLosesNothingTest {
    private static final Duration BOOT = Duration.ofMinutes(3);
    private static final Duration SOON = Duration.ofMinutes(2);

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("wrong").withGuest(
            GuestSize.SMALL.withDisks(ByteCount.ofMebibytes(192), ByteCount.ofMebibytes(64)));

    @TempDir
    private Path scratch;

    @Test
    void ofAGuestThatWritesUntilItIsShutDown() throws IOException {
        LAB.protect();
        String address = LAB.guest().address();
        mapToNetworkOfTheSameSubnet(address);
        LAB.guest().setRecordsPerSecond(20);
        GuestStatus changedItsMind = cancelled();

        LAB.guest().setRecordsPerSecond(20);
        Await.atMost(SOON).until("records of this boot", () -> LAB.guest().status().records().last(),
                last -> last >= changedItsMind.records().firstOfThisBoot() + 20);
        JobView begun = LAB.vault().failOverAsPlanned(LAB.vm());
        Await.atMost(SOON).untilTrue("the shutdown", () -> LAB.vault().job(begun.id()).steps().get(1).state()
                == JobView.State.SUCCEEDED);
        Process reader = readsOldDisk();
        try {
            JobView done = LAB.succeeded(begun);
            assertThat(done.steps().getFirst().note().orElseThrow()).contains("Address " + address, "is kept");
            nothingWasLost(done);
            assertThat(LAB.lab().guest(LAB.vm(), Lab.AMSTERDAM).address()).isEqualTo(address);
            System.out.printf("the guest has its address %s at the other site, of a range of .10 to .20%n", address);
        } finally {
            reader.destroy();
        }
    }

    /** By itself it gives other addresses than the guest has. */
    private void mapToNetworkOfTheSameSubnet(String address) throws IOException {
        String subnet = address.substring(0, address.lastIndexOf('.'));
        Path xml = LAB.lab().host(Lab.AMSTERDAM).outside(Path.of("/var/lib/libvirt/images/twin.xml"));
        Files.writeString(xml, """
                <network xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'><name>twin</name>
                  <ip address='%1$s.1' netmask='255.255.255.0'>
                    <dhcp><range start='%1$s.10' end='%1$s.20'/></dhcp>
                  </ip>
                  <dnsmasq:options><dnsmasq:option value='no-ping'/></dnsmasq:options>
                </network>""".formatted(subnet));
        virsh("net-define", "/var/lib/libvirt/images/twin.xml");
        virsh("net-start", "twin");
        Await.atMost(SOON).untilTrue("the vault to know the network", () -> LAB.vault().networks(
                Optional.of(Lab.AMSTERDAM)).stream().anyMatch(network -> network.name().equals("twin")));
        LAB.vault().mapNetwork(new NetworkMappingRequest(Lab.STOCKHOLM, "production", Lab.AMSTERDAM, "twin"));
    }

    private static void virsh(String... words) throws IOException {
        Program.output(LAB.lab().exec(Lab.AMSTERDAM,
                Stream.concat(Stream.of("virsh"), Stream.of(words)).toArray(String[]::new)));
    }

    /** As long as somebody reads it the way back does not make it its own, and it stays as the guest left it. */
    private static Process readsOldDisk() throws IOException {
        return LAB.lab().exec(Lab.STOCKHOLM, "qemu-nbd", "--read-only", "--persistent", "--socket", "/run/reader.sock",
                image("vda")).start();
    }

    private void nothingWasLost(JobView job) throws IOException {
        assertThat(job.steps().getLast().note().orElseThrow()).contains("nothing was lost");
        GuestStatus status = LAB.lab().guest(LAB.vm(), Lab.AMSTERDAM).awaitAnswer(BOOT);
        assertThat(status.state()).isEqualTo("writing");
        assertThat(LAB.item().state()).isEqualTo("CommitPending");

        List<Path> source = List.of(raw("vda"), raw("vdb"));
        GuestRecords written = GuestRecords.read(source.getFirst(), source.getLast());
        assertThat(written.faults()).isEmpty();
        assertThat(status.records().firstOfThisBoot() - 1).as("the last record that the guest wrote at its source")
                .isEqualTo(written.lastOnBoth());
        List<Path> replica = LAB.replicaDisks();
        for (Path disk : source) {
            assertThat(DiskHash.ofRaw(replica.get(source.indexOf(disk)))).as("the replica of %s", disk.getFileName())
                    .isEqualTo(DiskHash.ofRaw(disk));
        }
        System.out.printf("record %d is the last at the source and at the target; both disks are equal%n",
                written.lastOnBoth());
    }

    /** The guest runs at its source again, with what it had. */
    private static GuestStatus cancelled() throws IOException {
        GuestStatus before = LAB.guest().status();
        JobView begun = LAB.vault().failOverAsPlanned(LAB.vm());
        Await.atMost(SOON).untilTrue("the shutdown to begin", () -> LAB.vault().job(begun.id()).steps().get(1)
                .state() == JobView.State.IN_PROGRESS);
        LAB.vault().cancel(begun.id());
        Await.atMost(SOON).untilTrue("the end of what takes it back", () -> takenBack(begun)
                .allMatch(job -> job.state() == JobView.State.SUCCEEDED) && takenBack(begun).findAny().isPresent());
        LabGuest guest = LAB.guest();
        GuestStatus after = guest.awaitAnswer(BOOT);
        assertThat(after.bootId()).isNotEqualTo(before.bootId());
        assertThat(after.records().last()).isGreaterThanOrEqualTo(before.records().last());
        assertThat(LAB.item().state()).isEqualTo("Protected");
        return after;
    }

    private static Stream<JobView> takenBack(JobView begun) {
        return LAB.vault().jobs(begun.object().map(object -> object.id()), false).stream()
                .filter(job -> job.name().equals("Abandon failover"));
    }

    /** A disk at the source as it lies there, read by QEMU's tool. */
    private Path raw(String disk) throws IOException {
        String image = image(disk);
        Path copy = scratch.resolve(disk + ".raw");
        Program.output(LAB.lab().exec(Lab.STOCKHOLM, "qemu-img", "convert", "-O", "raw", image, copy.toString()));
        return copy;
    }

    private static String image(String disk) throws IOException {
        String images = Program.output(LAB.lab().exec(Lab.STOCKHOLM, "virsh", "domblklist", LAB.vm()));
        return images.lines().map(line -> line.strip().split("\\s+")).filter(row -> row[0].equals(disk))
                .map(row -> row[1]).findFirst().orElseThrow();
    }
}
