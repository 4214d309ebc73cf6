package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.ByteCount;
import org.understudy.model.NetworkAdapter;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;

/** What is read of a VM from libvirt's description of it. */
class MachineReaderTest {
    private static final long MEBIBYTE = 1 << 20;

    @TempDir
    private Path images;

    @Test
    void takesAGoodImageWithItsSizeFromTheImageItself() throws IOException {
        VirtualDisk disk = disk(file("qcow2", image(3, 0, 0), ""));

        assertThat(disk.obstacle()).isEmpty();
        assertThat(disk.size()).isEqualTo(new ByteCount(8 * MEBIBYTE));
        assertThat(disk.file()).isEqualTo(images.resolve("disk.qcow2").toString());
    }

    @Test
    void namesTheDiskAndWhatHindersIt() throws IOException {
        assertThat(obstacle(file("raw", image(3, 0, 0), ""))).contains("Disk vda of VM web01").contains("format raw");
        assertThat(obstacle(file("qcow2", image(2, 0, 0), ""))).contains("version 2").contains("amend");
        assertThat(obstacle(file("qcow2", image(3, 2, 0), ""))).contains("encrypted");
        assertThat(obstacle(file("qcow2", image(3, 0, 4), ""))).contains("external data file");
        assertThat(obstacle(file("qcow2", image(3, 0, 2), ""))).contains("corrupt");
        assertThat(obstacle(file("qcow2", image(3, 0, 0), "<shareable/>"))).contains("shared with other VMs");
        assertThat(obstacle(file("qcow2", image(3, 0, 0), "<transient/>"))).contains("transient");
        assertThat(obstacle(file("qcow2", image(3, 0, 0), "<mirror type='file' job='copy'/>"))).contains("mirror");
        assertThat(obstacle(file("qcow2", image(3, 0, 0), "<encryption format='luks'/>"))).contains("encrypted");
        assertThat(obstacle(file("qcow2", images.resolve("gone.qcow2"), ""))).contains("gone.qcow2 does not exist");
        assertThat(obstacle(file("qcow2", Files.write(images.resolve("small"), new byte[5]), "")))
                .contains("is said to be qcow2");
        assertThat(obstacle("<disk type='block' device='disk'><source dev='/dev/sdb'/><target dev='vda'/></disk>"))
                .contains("block device /dev/sdb");
        assertThat(obstacle("<disk type='block' device='lun'><source dev='/dev/sdb'/><target dev='sda'/></disk>"))
                .contains("Disk sda").contains("LUN");
        assertThat(obstacle("<disk type='network' device='disk'><source protocol='rbd' name='p/i'/>"
                + "<target dev='vda'/></disk>")).contains("\"network\"");
        assertThat(obstacle("<disk type='volume' device='disk'><source pool='p' volume='v'/>"
                + "<target dev='vda'/></disk>"))
                .contains("\"volume\"");
    }

    @Test
    void passesOverMediaAndDisksThatTheGuestCannotChange() throws IOException {
        assertThat(machine("<disk type='file' device='cdrom'><target dev='sda'/></disk>"
                + "<disk type='file' device='floppy'><target dev='fda'/></disk>"
                + file("qcow2", image(3, 0, 0), "<readonly/>")).disks()).isEmpty();
    }

    @Test
    void listsAdaptersWithTheirNetworksAndPortGroups() {
        assertThat(machine("""
                <interface type='network'>
                  <mac address='52:54:00:00:00:01'/><source network='prod' portgroup='gold'/>
                </interface>
                <interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='br0'/></interface>
                <interface type='bridge'><mac address='52:54:00:00:00:03'/><source bridge='br0'/>
                  <virtualport type='openvswitch'/></interface>
                <interface type='direct'><mac address='52:54:00:00:00:04'/><source dev='eth0'/></interface>
                """).adapters()).containsExactly(
                        new NetworkAdapter(0, "52:54:00:00:00:01", Optional.of("prod"), Optional.of("gold")),
                        new NetworkAdapter(1, "52:54:00:00:00:02", Optional.of("bridge:br0"), Optional.empty()),
                        new NetworkAdapter(2, "52:54:00:00:00:03", Optional.of("ovs:br0"), Optional.empty()),
                        new NetworkAdapter(3, "52:54:00:00:00:04", Optional.empty(), Optional.empty()));
    }

    private Path image(int version, int cryptMethod, long incompatibleFeatures) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(112);
        header.putInt(0, 'Q' << 24 | 'F' << 16 | 'I' << 8 | 0xfb).putInt(4, version).putLong(24, 8 * MEBIBYTE)
                .putInt(32, cryptMethod).putLong(72, incompatibleFeatures);
        return Files.write(images.resolve("disk.qcow2"), header.array());
    }

    private static String file(String format, Path image, String more) {
        return "<disk type='file' device='disk'><driver name='qemu' type='" + format + "'/><source file='" + image
                + "'/><target dev='vda'/>" + more + "</disk>";
    }

    private static String obstacle(String disk) {
        return disk(disk).obstacle().orElse("none");
    }

    private static VirtualDisk disk(String disk) {
        return machine(disk).disks().getFirst();
    }

    private static VirtualMachine machine(String devices) {
        return MachineReader.describe(XmlDocument.parse(
                "<domain><name>web01</name><uuid>11111111-2222-3333-4444-555555555501</uuid><devices>" + devices
                        + "</devices></domain>"), PowerState.RUNNING, device -> ByteCount.ZERO);
    }
}
