package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.NbdPoint;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.model.DiskName;
import org.understudy.model.FailureException;
import org.understudy.model.VmId;

/** What becomes of the scratch files that we make for QEMU, on a real libvirtd, with disks of unusual sizes. */
@Tag("slow")
@EnabledIf(LibvirtHost.IS_NAMED)
class LibvirtScratchTest {
    private static final DiskName ODD = new DiskName("vda");
    private static final DiskName LARGE = new DiskName("vdb");
    private static final long ODD_BYTES = (1L << 30) + 512;
    private static final long LARGE_BYTES = 16L << 40;
    private static final String NO_BACKING_FILE = "0000000000000000";

    @TempDir
    private Path folder;

    private final VmId vm = VmId.random();
    private final String name = "scratch-" + vm.toString().substring(0, 8);
    private LibvirtHost host;
    private LibvirtHypervisor hypervisor;

    @BeforeEach
    void startMachine() throws IOException {
        host = LibvirtHost.named();
        hypervisor = host.hypervisor(folder);
        Path odd = folder.resolve("odd.qcow2");
        Path large = folder.resolve("large.qcow2");
        LibvirtHost.run("qemu-img", "create", "-q", "-f", "qcow2", odd.toString(), Long.toString(ODD_BYTES));
        LibvirtHost.run("qemu-img", "create", "-q", "-f", "qcow2", large.toString(), Long.toString(LARGE_BYTES));
        String xml = LibvirtHost.definition(vm, name, List.of(odd, large)).xml()
                .replace("<target dev='vdb' bus='virtio'/>", "<target dev='vdb' bus='virtio'/>"
                        + "<blockio logical_block_size='4096' physical_block_size='4096'/>");
        host.virsh("define", Files.writeString(folder.resolve("vm.xml"), new MachineDefinition(xml).xml()).toString());
        host.virsh("start", name);
    }

    @AfterEach
    void removeMachine() throws IOException {
        hypervisor.destroy(vm);
        host.virsh("undefine", name, "--checkpoints-metadata");
        hypervisor.close();
    }

    @Test
    void showsADiskOfOddSizeAndOneOf16TebibytesAsTheyWere() throws Exception {
        host.write(vm, ODD, 0x11, Long.toString(ODD_BYTES - 512), "512");
        host.write(vm, LARGE, 0x22, Long.toString(LARGE_BYTES - 4096), "4096");
        try (NbdPoint point = begin("understudy-1-1", Optional.empty())) {
            host.write(vm, ODD, 0x33, Long.toString(ODD_BYTES - 512), "512");
            host.write(vm, LARGE, 0x44, Long.toString(LARGE_BYTES - 4096), "4096");
            assertThat(size(point, ODD)).isEqualTo(ODD_BYTES);
            assertThat(size(point, LARGE)).isEqualTo(LARGE_BYTES);
            requirePattern(point, ODD, 0x11, ODD_BYTES - 512, 512);
            requirePattern(point, LARGE, 0x22, LARGE_BYTES - 4096, 4096);
        }
        try (NbdPoint point = begin("understudy-1-2", Optional.of("understudy-1-1"))) {
            requirePattern(point, ODD, 0x33, ODD_BYTES - 512, 512);
            requirePattern(point, LARGE, 0x44, LARGE_BYTES - 4096, 4096);
        }
    }

    /** An image that QEMU or libvirt creates for a backup names the disk as its backing file; ours names none. */
    @Test
    void qemuOpensTheFileThatWeMadeAndNobodyElseCanReadIt() throws Exception {
        String qemu = owner(Path.of("/proc", qemu()));
        try (NbdPoint point = begin("understudy-1-1", Optional.empty())) {
            assertThat(point.takenAt()).isNotNull();
            for (Path scratch : scratch().values()) {
                assertThat(LibvirtHost.run("od", "-An", "-tx1", "-j8", "-N8", scratch.toString())
                        .replaceAll("\\s", "")).isEqualTo(NO_BACKING_FILE);
                assertThat(LibvirtHost.run("stat", "-c", "%u %a", scratch.toString()).strip()).isEqualTo(qemu + " 600");
            }
        }
        assertThat(scratch().values()).noneMatch(Files::exists);
    }

    @Test
    void followsADiskThatGrew() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        host.virsh("blockresize", name, "vda", ODD_BYTES + 4096 + "b");
        try (NbdPoint point = begin("understudy-1-2", Optional.of("understudy-1-1"))) {
            assertThat(size(point, ODD)).isEqualTo(ODD_BYTES + 4096);
        }
    }

    @Test
    void leavesNoScratchOfAPointInTimeThatWasRefused() throws Exception {
        assertThatThrownBy(() -> begin("understudy-1-2", Optional.of("understudy-1-1")).close())
                .isInstanceOf(FailureException.class);
        assertThat(scratch().values()).noneMatch(Files::exists);

        Map<DiskName, Path> nowhere = Map.of(ODD, scratch().get(ODD),
                LARGE, folder.resolve("missing/large.qcow2.understudy-scratch"));
        assertThatThrownBy(() -> hypervisor.beginPointInTime(vm,
                new PointInTimeRequest("understudy-1-1", Optional.empty(), "understudy-vm.sock", nowhere)))
                .isInstanceOf(IOException.class);
        assertThat(scratch().values()).noneMatch(Files::exists);
        begin("understudy-1-1", Optional.empty()).close();
    }

    /** An agent that died between the making of the files and the begin: no job tells of them. */
    @Test
    void removesTheScratchOfAPointInTimeThatNeverBegan() throws Exception {
        for (Path scratch : scratch().values()) {
            Files.writeString(scratch, "made, and never opened");
        }
        hypervisor.endAbandonedPointInTime(vm);

        assertThat(scratch().values()).noneMatch(Files::exists);
    }

    private NbdPoint begin(String checkpoint, Optional<String> since) throws IOException {
        return hypervisor.beginPointInTime(vm,
                new PointInTimeRequest(checkpoint, since, "understudy-vm.sock", scratch()));
    }

    private Map<DiskName, Path> scratch() {
        return Map.of(ODD, folder.resolve("odd.qcow2.understudy-scratch"),
                LARGE, folder.resolve("large.qcow2.understudy-scratch"));
    }

    private String qemu() {
        return ProcessHandle.allProcesses().map(process -> Long.toString(process.pid())).filter(pid -> {
            try {
                return Files.readString(Path.of("/proc", pid, "cmdline")).contains("guest=" + name + ",");
            } catch (IOException gone) {
                return false;
            }
        }).findFirst().orElseThrow();
    }

    private static String owner(Path file) throws IOException {
        return LibvirtHost.run("stat", "-c", "%u", file.toString()).strip();
    }

    private static long size(NbdPoint point, DiskName disk) throws IOException {
        return Long.parseLong(LibvirtHost.run("nbdinfo", "--size", export(point, disk)).strip());
    }

    private static void requirePattern(NbdPoint point, DiskName disk, int pattern, long offset, int length)
            throws IOException {
        assertThat(LibvirtHost.run("qemu-io", "-r", "-f", "raw", "-c",
                "read -P " + pattern + " " + offset + " " + length, export(point, disk)))
                .doesNotContain("Pattern verification failed").contains("read " + length + "/" + length);
    }

    private static String export(NbdPoint point, DiskName disk) {
        return "nbd+unix:///" + point.exportName(disk) + "?socket=" + point.socket(disk);
    }
}
