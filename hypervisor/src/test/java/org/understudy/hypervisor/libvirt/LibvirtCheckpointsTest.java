package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.hypervisor.MachineEvent;
import org.understudy.hypervisor.NbdPoint;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VmId;

/** What becomes of checkpoints and bitmaps when a VM is off, was killed, or is worked on by other tools. */
@Tag("slow")
@EnabledIf(LibvirtHost.IS_NAMED)
class LibvirtCheckpointsTest {
    private static final DiskName VDA = new DiskName("vda");

    @TempDir
    private Path folder;

    private final VmId vm = VmId.random();
    private final String name = "vm-" + vm.toString().substring(0, 8);
    private LibvirtHost host;
    private LibvirtHypervisor hypervisor;
    private Path image;
    private Path xml;

    @BeforeEach
    void startMachine() throws IOException {
        host = LibvirtHost.named();
        hypervisor = host.hypervisor(folder);
        image = folder.resolve("vda.qcow2");
        LibvirtHost.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "64M");
        xml = Files.writeString(folder.resolve("vm.xml"), LibvirtHost.definition(vm, name, List.of(image)).xml());
        host.virsh("define", xml.toString());
        host.virsh("start", name);
    }

    @AfterEach
    void removeMachine() throws IOException {
        hypervisor.destroy(vm);
        if (hypervisor.machine(vm).isPresent()) {
            host.virsh("undefine", name, "--checkpoints-metadata");
        }
        hypervisor.close();
    }

    @Test
    void waitsForACopyOfAnotherToolAndGoesOnAfterIt() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        Path copy = folder.resolve("copy.qcow2");
        host.write(vm, VDA, 0x11, "1M", "8M");
        host.virsh("blockcopy", name, "vda", copy.toString(), "--transient-job", "--bandwidth", "1");
        assertBusy("just now");
        host.virsh("blockjob", name, "vda", "--abort");
        try (NbdPoint point = begin("understudy-1-2", Optional.of("understudy-1-1"))) {
            assertThat(dirty(point)).containsExactly("1048576+8388608");
        }
    }

    @Test
    void saysWhichCommandEndsACopyThatIsReady() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        host.virsh("blockcopy", name, "vda", folder.resolve("copy.qcow2").toString(), "--transient-job", "--wait");
        assertBusy("copy of disk vda", "virsh blockjob " + name + " vda --pivot", "--abort");
        host.virsh("blockjob", name, "vda", "--abort");
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
    }

    @Test
    void waitsForACommitOfAnotherToolSaysWhatEndsItAndFindsEveryWriteAfterIt() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        host.virsh("snapshot-create-as", name, "nightly", "--disk-only", "--no-metadata",
                "--diskspec", "vda,file=" + folder.resolve("over.qcow2"));
        host.write(vm, VDA, 0x11, "1M", "64k");
        host.virsh("blockcommit", name, "vda", "--active", "--wait");
        assertBusy("commit of disk vda", "virsh blockjob " + name + " vda --pivot", "--abort");
        host.virsh("blockjob", name, "vda", "--pivot");
        try (NbdPoint point = begin("understudy-1-2", Optional.of("understudy-1-1"))) {
            assertThat(dirty(point)).containsExactly("1048576+65536");
        }
    }

    @Test
    void removesWhatItMadeFromAMachineThatIsOffSoThatItCanBeUndefined() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
        hypervisor.destroy(vm);
        assertThat(bitmaps()).containsExactlyInAnyOrder("understudy-1-1", "understudy-1-2");

        assertThat(hypervisor.reapCheckpoints(vm, _ -> true)).isEmpty();

        assertThat(bitmaps()).isEmpty();
        host.virsh("undefine", name);
        assertThat(hypervisor.machine(vm)).isEmpty();
    }

    @Test
    void keepsTheCheckpointsOfOthersAndThoseThatAreStillNeeded() throws Exception {
        host.virsh("checkpoint-create-as", name, "nightly");
        begin("understudy-1-1", Optional.empty()).close();
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
        hypervisor.destroy(vm);

        assertThat(hypervisor.reapCheckpoints(vm, checkpoint -> checkpoint.endsWith("-1"))).isEmpty();

        assertThat(bitmaps()).containsExactlyInAnyOrder("nightly", "understudy-1-2");
        hypervisor.start(vm);
        host.write(vm, VDA, 0x11, "1M", "64k");
        try (NbdPoint point = begin("understudy-1-3", Optional.of("understudy-1-2"))) {
            assertThat(dirty(point)).containsExactly("1048576+65536");
        }
        assertThat(host.virsh("checkpoint-list", name, "--name")).contains("nightly");
    }

    @Test
    void leavesAnImageAloneThatSomebodyHasOpenAndSaysSo() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        hypervisor.destroy(vm);
        Process reader = new ProcessBuilder("qemu-io", "-r", "-f", "qcow2", image.toString())
                .redirectErrorStream(true).start();
        try {
            assertThat(reader.getInputStream().readNBytes("qemu-io> ".length())).isNotEmpty();
            assertThat(hypervisor.reapCheckpoints(vm, _ -> true)).singleElement().asString()
                    .contains("understudy-1-1", image.toString());
            assertThat(hypervisor.checkpoints(vm)).containsExactly("understudy-1-1");
        } finally {
            reader.destroy();
            reader.waitFor();
        }
        assertThat(hypervisor.reapCheckpoints(vm, _ -> true)).isEmpty();
        assertThat(bitmaps()).isEmpty();
        assertThat(hypervisor.checkpoints(vm)).isEmpty();
    }

    @Test
    void removesBitmapsThatHaveLostTheirCheckpointsWhileTheMachineRuns() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
        hypervisor.destroy(vm);
        host.virsh("undefine", name, "--checkpoints-metadata");
        host.virsh("define", xml.toString());
        hypervisor.start(vm);
        begin("understudy-2-1", Optional.empty()).close();
        host.write(vm, VDA, 0x11, "1M", "64k");

        assertThat(hypervisor.reapCheckpoints(vm, checkpoint -> checkpoint.startsWith("understudy-1-"))).isEmpty();

        try (NbdPoint point = begin("understudy-2-2", Optional.of("understudy-2-1"))) {
            assertThat(dirty(point)).containsExactly("1048576+65536");
        }
        hypervisor.destroy(vm);
        assertThat(bitmaps()).containsExactlyInAnyOrder("understudy-2-1", "understudy-2-2");
    }

    @Test
    void removesBitmapsThatAKilledQemuLeftInconsistent() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        hypervisor.destroy(vm);
        hypervisor.start(vm);
        killQemu();
        host.virsh("undefine", name, "--checkpoints-metadata");
        host.virsh("define", xml.toString());
        hypervisor.start(vm);

        assertThat(hypervisor.reapCheckpoints(vm, _ -> true)).isEmpty();

        hypervisor.destroy(vm);
        assertThat(bitmaps()).isEmpty();
    }

    @Test
    void removesBitmapsBelowAnOverlayOfAMachineThatIsOff() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        host.virsh("snapshot-create-as", name, "nightly", "--disk-only", "--no-metadata",
                "--diskspec", "vda,file=" + folder.resolve("over.qcow2"));
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
        hypervisor.destroy(vm);

        assertThat(hypervisor.reapCheckpoints(vm, _ -> true)).isEmpty();

        assertThat(bitmaps()).isEmpty();
        assertThat(Qcow2Bitmaps.read(folder.resolve("over.qcow2")))
                .isEqualTo(new Qcow2Bitmaps(List.of(), Optional.of(image)));
    }

    private void assertBusy(String... words) {
        assertThatThrownBy(() -> begin("understudy-1-2", Optional.of("understudy-1-1")).close())
                .isInstanceOfSatisfying(FailureException.class, e -> {
                    assertThat(e.failure().code()).as(e.getMessage()).isEqualTo(FailureCode.HYPERVISOR_BUSY);
                    assertThat(e.failure().message()).contains(name, "vda").contains(words);
                });
    }

    private NbdPoint begin(String checkpoint, Optional<String> since) throws IOException {
        return hypervisor.beginPointInTime(vm, new PointInTimeRequest(checkpoint, since,
                "understudy-vm.sock", Map.of(VDA, folder.resolve("vda.qcow2.understudy-scratch"))));
    }

    /** As the image itself says, by QEMU's own tool too. */
    private List<String> bitmaps() throws IOException {
        List<String> names = Qcow2Bitmaps.read(image).names();
        String info = LibvirtHost.run("qemu-img", "info", image.toString());
        assertThat(info.lines().map(String::strip).filter(line -> line.startsWith("name: "))
                .map(line -> line.substring("name: ".length()))).containsExactlyElementsOf(names);
        return names;
    }

    private static List<String> dirty(NbdPoint point) throws IOException {
        String map = LibvirtHost.run("nbdinfo", "--map=" + point.dirtyContext(VDA).orElseThrow(),
                "nbd+unix:///" + point.exportName(VDA) + "?socket=" + point.socket(VDA));
        return map.lines().map(line -> line.strip().split("\\s+")).filter(columns -> columns[2].equals("1"))
                .map(columns -> columns[0] + "+" + columns[1]).toList();
    }

    private void killQemu() throws Exception {
        long pid = ProcessHandle.allProcesses().filter(process -> commandLine(process.pid()).contains(
                "guest=" + name + ",")).findFirst().orElseThrow().pid();
        LinkedBlockingQueue<MachineEvent> events = new LinkedBlockingQueue<>();
        try (AutoCloseable listening = hypervisor.onMachineEvent(events::add)) {
            assertThat(listening).isNotNull();
            LibvirtHost.run("kill", "-9", Long.toString(pid));
            MachineEvent event = events.poll(20, TimeUnit.SECONDS);
            // What libvirt has to tell of the start may still be on its way.
            while (event != null && event.kind() != MachineEvent.Kind.STOPPED) {
                event = events.poll(20, TimeUnit.SECONDS);
            }
            assertThat(event).isEqualTo(new MachineEvent(vm, MachineEvent.Kind.STOPPED));
        }
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException e) {
            return "";
        }
    }
}
