package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.hypervisor.DiskJob;
import org.understudy.hypervisor.DiskJobs;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.NbdPoint;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/** What becomes of a failed-over VM's images and of what its checkpoint noted, on a real libvirtd. */
@Tag("slow")
@EnabledIf(LibvirtHost.IS_NAMED)
class LibvirtDiskJobsTest {
    private static final DiskName VDA = new DiskName("vda");
    private static final String SINCE = "understudy-0a1b2c3d-2-0";
    private static final ByteCount FAST = ByteCount.ofMebibytes(500);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final VmId vm = VmId.random();
    private final String name = "own-" + vm.toString().substring(0, 8);
    private LibvirtHost host;
    private LibvirtHypervisor hypervisor;
    private DiskJobs jobs;
    private Path below;
    private Path overlay;

    @BeforeEach
    void connect() throws IOException {
        host = LibvirtHost.named();
        hypervisor = host.hypervisor(folder);
        jobs = hypervisor.diskJobs();
        below = folder.resolve("below");
        overlay = folder.resolve("overlay.qcow2");
    }

    @AfterEach
    void removeMachine() throws IOException {
        hypervisor.destroy(vm);
        host.virsh("undefine", name, "--checkpoints-metadata");
        hypervisor.close();
    }

    private void defineOver(String format) throws IOException {
        LibvirtHost.run("qemu-img", "create", "-q", "-f", format, below.toString(), "64M");
        LibvirtHost.run("qemu-io", "-f", format, "-c", "write -P 9 0 20M", below.toString());
        LibvirtHost.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", below.toString(), "-F", format,
                overlay.toString(), "64M");
        LibvirtHost.run("qemu-img", "bitmap", "--add", "-f", "qcow2", overlay.toString(), SINCE);
        hypervisor.define(LibvirtHost.definition(vm, name, List.of(overlay)).forItem(ItemId.random()));
        jobs.noteCheckpoint(vm, SINCE, Set.of(VDA));
    }

    private DiskJob awaitReady() throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            DiskJob job = jobs.running(vm, VDA).orElseThrow();
            if (job.ready()) {
                return job;
            }
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private void awaitNoJob() throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (jobs.running(vm, VDA).isPresent()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    /** What the reverse direction would ship, as libnbd's own tool sees it. */
    private List<String> changedSince(String checkpoint) throws IOException {
        PointInTimeRequest request = new PointInTimeRequest(checkpoint, Optional.of(SINCE), "understudy-vm.sock",
                Map.of(VDA, folder.resolve("vda.understudy-scratch")));
        try (NbdPoint point = hypervisor.beginPointInTime(vm, request)) {
            String map = LibvirtHost.run("nbdinfo", "--map=" + point.dirtyContext(VDA).orElseThrow(),
                    "nbd+unix:///" + point.exportName(VDA) + "?socket=" + point.socket(VDA));
            return map.lines().map(line -> line.strip().split("\\s+")).filter(columns -> columns[2].equals("1"))
                    .map(columns -> columns[0] + "+" + columns[1]).toList();
        }
    }

    private static String plain(MachineDefinition definition) {
        return definition.withName("same").xml().replaceAll("\\s+", "")
                .replaceAll("<metadata></metadata>|<metadata/>", "");
    }

    private Path image() throws IOException {
        return hypervisor.definition(vm).disks().get(VDA);
    }

    @Test
    void aDiskOverARawOneStandsAloneAndItsCheckpointKnowsEveryWriteSinceThePoint() throws Exception {
        defineOver("raw");
        hypervisor.start(vm);
        host.write(vm, VDA, 1, "1M", "64k");
        jobs.standAlone(vm, VDA, new ByteCount(1 << 20));
        assertThat(jobs.running(vm, VDA)).map(DiskJob::kind).contains(DiskJob.Kind.STAND_ALONE);
        host.write(vm, VDA, 2, "5M", "64k");
        assertThatExceptionOfType(FailureException.class).isThrownBy(() -> changedSince("understudy-0a1b2c3d-2-1"))
                .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.HYPERVISOR_BUSY))
                .satisfies(e -> assertThat(e.getCause()).as("a backup that libvirt refused, having asked QEMU for its "
                        + "nodes").isNull());
        host.virsh("blockjob", name, "vda", "--bandwidth", "500");
        awaitNoJob();
        host.write(vm, VDA, 3, "7M", "64k");

        assertThat(changedSince("understudy-0a1b2c3d-2-1"))
                .containsExactly("1048576+65536", "5242880+65536", "7340032+65536");
        assertThat(LibvirtHost.run("qemu-img", "info", "-U", overlay.toString())).doesNotContain("backing file");
        Files.delete(below);
        host.virsh("destroy", name);
        hypervisor.start(vm);
        assertThat(changedSince("understudy-0a1b2c3d-2-2"))
                .containsExactly("1048576+65536", "5242880+65536", "7340032+65536");
    }

    @Test
    void aVmUsesItsOldImageAgainAndItsCheckpointKnowsEveryWriteSinceThePoint() throws Exception {
        defineOver("qcow2");
        hypervisor.start(vm);
        host.write(vm, VDA, 1, "1M", "64k");
        jobs.intoBelow(vm, VDA, below, FAST);
        assertThat(awaitReady().kind()).isEqualTo(DiskJob.Kind.INTO_BELOW);
        host.write(vm, VDA, 2, "5M", "64k");
        jobs.finish(vm, VDA);
        awaitNoJob();
        host.write(vm, VDA, 3, "7M", "64k");

        assertThat(image()).isEqualTo(below);
        assertThat(changedSince("understudy-0a1b2c3d-2-1"))
                .containsExactly("1048576+65536", "5242880+65536", "7340032+65536");
        Files.delete(overlay);
        host.virsh("destroy", name);
        hypervisor.start(vm);
        assertThat(changedSince("understudy-0a1b2c3d-2-2"))
                .containsExactly("1048576+65536", "5242880+65536", "7340032+65536");
    }

    @Test
    void aPullThatIsGivenUpKeepsWhatItCopiedAndIsBegunAgain() throws Exception {
        defineOver("raw");
        hypervisor.start(vm);
        host.write(vm, VDA, 1, "1M", "64k");
        jobs.standAlone(vm, VDA, new ByteCount(1 << 20));
        jobs.giveUp(vm, VDA);
        awaitNoJob();
        assertThat(image()).isEqualTo(overlay);
        assertThat(LibvirtHost.run("qemu-img", "info", "-U", overlay.toString())).contains("backing file");
        host.write(vm, VDA, 2, "5M", "64k");
        assertThat(changedSince("understudy-0a1b2c3d-2-1")).containsExactly("1048576+65536", "5242880+65536");

        jobs.standAlone(vm, VDA, FAST);
        awaitNoJob();
        host.write(vm, VDA, 3, "7M", "64k");
        assertThat(changedSince("understudy-0a1b2c3d-2-2"))
                .containsExactly("1048576+65536", "5242880+65536", "7340032+65536");
        assertThat(LibvirtHost.run("qemu-img", "info", "-U", overlay.toString())).doesNotContain("backing file");
    }

    @Test
    void aCommitThatIsGivenUpLeavesTheVmWithItsOverlayAndIsBegunAgain() throws Exception {
        defineOver("qcow2");
        hypervisor.start(vm);
        host.write(vm, VDA, 1, "1M", "64k");
        jobs.intoBelow(vm, VDA, below, new ByteCount(1 << 20));
        jobs.giveUp(vm, VDA);
        awaitNoJob();
        jobs.intoBelow(vm, VDA, below, FAST);
        awaitReady();
        jobs.giveUp(vm, VDA);
        awaitNoJob();
        assertThat(image()).isEqualTo(overlay);
        host.write(vm, VDA, 2, "5M", "64k");
        assertThat(changedSince("understudy-0a1b2c3d-2-1")).containsExactly("1048576+65536", "5242880+65536");

        jobs.intoBelow(vm, VDA, below, FAST);
        awaitReady();
        jobs.finish(vm, VDA);
        awaitNoJob();
        host.write(vm, VDA, 3, "7M", "64k");
        assertThat(image()).isEqualTo(below);
        assertThat(changedSince("understudy-0a1b2c3d-2-2"))
                .containsExactly("1048576+65536", "5242880+65536", "7340032+65536");
    }

    /** For that libvirt would ask QEMU for all its nodes. */
    @Test
    void noDiskIsAskedForItsSizeWhileAJobWorksOnItsVm() throws Exception {
        defineOver("raw");
        hypervisor.start(vm);
        Path other = folder.resolve("other.raw");
        LibvirtHost.run("qemu-img", "create", "-q", "-f", "raw", other.toString(), "8M");
        Path socket = folder.resolve("nbd.sock");
        Process server = new ProcessBuilder("qemu-nbd", "-f", "raw", "-t", "-k", socket.toString(), other.toString())
                .inheritIO().start();
        try {
            awaitFile(socket);
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
            Path xml = Files.writeString(folder.resolve("disk.xml"), """
                    <disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='nbd'>
                    <host transport='unix' socket='%s'/></source><target dev='vdb' bus='virtio'/></disk>
                    """.formatted(socket));
            host.virsh("attach-device", name, xml.toString(), "--live");
            assertThat(sizeOf("vdb")).isEqualTo(ByteCount.ofMebibytes(8));
            jobs.standAlone(vm, VDA, new ByteCount(1 << 20));
            assertThat(sizeOf("vdb")).isEqualTo(ByteCount.ZERO);
            jobs.giveUp(vm, VDA);
            awaitNoJob();
            assertThat(sizeOf("vdb")).isEqualTo(ByteCount.ofMebibytes(8));
        } finally {
            hypervisor.destroy(vm);
            server.destroy();
        }
    }

    private ByteCount sizeOf(String disk) throws IOException {
        return hypervisor.machine(vm).orElseThrow().disks().stream()
                .filter(found -> found.name().value().equals(disk)).findFirst().orElseThrow().size();
    }

    private static void awaitFile(Path file) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(file)) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    /** A person is not told to abort what gives the VM its disks. */
    @Test
    void aCycleBesideAHandOverIsToldToWait() throws Exception {
        defineOver("qcow2");
        hypervisor.start(vm);
        host.write(vm, VDA, 1, "1M", "64k");
        jobs.intoBelow(vm, VDA, below, FAST);
        awaitReady();
        assertThatExceptionOfType(FailureException.class).isThrownBy(() -> changedSince("understudy-0a1b2c3d-2-1"))
                .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.HYPERVISOR_BUSY))
                .satisfies(e -> assertThat(e.failure().message()).contains("gets its disks").doesNotContain("--abort"))
                .satisfies(e -> assertThat(e.failure().recommendedAction()).contains("Wait"));
    }

    @Test
    void noJobBeginsWhileAPointInTimeIsOpen() throws Exception {
        defineOver("qcow2");
        hypervisor.start(vm);
        PointInTimeRequest request = new PointInTimeRequest("understudy-0a1b2c3d-2-1", Optional.of(SINCE),
                "understudy-vm.sock", Map.of(VDA, folder.resolve("vda.understudy-scratch")));
        try (NbdPoint open = hypervisor.beginPointInTime(vm, request)) {
            assertThat(open.exportName(VDA)).isEqualTo("vda");
            assertThatExceptionOfType(FailureException.class).isThrownBy(() -> jobs.standAlone(vm, VDA, FAST))
                    .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.HYPERVISOR_BUSY));
        }
    }

    @Test
    void aVmThatIsOffGetsAnotherImageAndLosesOurMarkAndNothingElse() throws Exception {
        defineOver("qcow2");
        assertThat(jobs.running(vm, VDA)).isEmpty();
        assertThatExceptionOfType(FailureException.class).isThrownBy(() -> jobs.standAlone(vm, VDA, FAST))
                .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.VM_NOT_RUNNING));
        MachineDefinition before = hypervisor.definition(vm);
        jobs.useImage(vm, VDA, below);
        jobs.unmark(vm);
        jobs.unmark(vm);
        jobs.unmark(VmId.random());

        assertThat(image()).isEqualTo(below);
        assertThat(hypervisor.definition(vm).isOurs()).isFalse();
        assertThat(plain(hypervisor.definition(vm)).replace(below.toString(), overlay.toString()))
                .isEqualTo(plain(before.withoutMark()));
        assertThat(hypervisor.checkpoints(vm)).containsExactly(SINCE);
    }
}
