package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.hypervisor.FirmwareState;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.HypervisorContract;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.MachineEvent;
import org.understudy.hypervisor.MachinePlan;
import org.understudy.hypervisor.MachineRequest;
import org.understudy.hypervisor.NbdPoint;
import org.understudy.hypervisor.PointInTime;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.hypervisor.TargetCapabilities;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/**
 * The contract and what is libvirt's own, on a real libvirtd: {@code ./dev test} brings one up and names it; skipped
 * where none is named ({@link LibvirtHost}).
 */
@Tag("slow")
@EnabledIf(LibvirtHost.IS_NAMED)
class LibvirtHypervisorTest extends HypervisorContract {
    @TempDir
    private Path folder;

    private final VmId vm = VmId.random();
    private final String name = "vm-" + vm.toString().substring(0, 8);
    private final List<VmId> replicas = new ArrayList<>();
    private LibvirtHost host;
    private LibvirtHypervisor hypervisor;

    @BeforeEach
    void startMachine() throws IOException {
        host = LibvirtHost.named();
        hypervisor = host.hypervisor(folder);
        Path vda = folder.resolve("vda.qcow2");
        Path vdb = folder.resolve("vdb.qcow2");
        LibvirtHost.run("qemu-img", "create", "-q", "-f", "qcow2", vda.toString(), "256M");
        LibvirtHost.run("qemu-img", "create", "-q", "-f", "qcow2", vdb.toString(), "128M");
        Path xml = Files.writeString(folder.resolve("vm.xml"),
                LibvirtHost.definition(vm, name, List.of(vda, vdb)).xml());
        host.virsh("define", xml.toString());
        host.virsh("start", name);
    }

    @AfterEach
    void removeMachines() throws IOException {
        hypervisor.destroy(vm);
        host.virsh("undefine", name, "--checkpoints-metadata");
        for (VmId replica : replicas) {
            hypervisor.destroy(replica);
            hypervisor.undefine(replica, FirmwareState.GOES);
        }
        hypervisor.close();
    }

    @Override
    protected Hypervisor hypervisor() {
        return hypervisor;
    }

    @Override
    protected VmId machine() {
        return vm;
    }

    @Override
    protected Path folder() {
        return folder;
    }

    /** Its guest is firmware that hears no button; so QEMU is told to end, which closes the images. */
    @Override
    protected void turnOff() throws Exception {
        host.virsh("destroy", name, "--graceful");
    }

    @Override
    protected MachineDefinition replica() {
        VmId id = VmId.random();
        replicas.add(id);
        return LibvirtHost.definition(id, "replica-" + id.toString().substring(0, 8), List.of());
    }

    @Test
    void showsThePointInTimeWithExactlyWhatChangedSinceTheLast() throws Exception {
        host.write(vm, VDA, 0x11, "1M", "64k");
        try (NbdPoint first = (NbdPoint) begin("understudy-1-1", Optional.empty())) {
            host.write(vm, VDA, 0x22, "1M", "64k");
            host.write(vm, VDB, 0x33, "3M", "64k");
            assertThat(byteAt(first, VDA, 1 << 20)).isEqualTo(0x11);
            assertThat(byteAt(first, VDB, 3 << 20)).isZero();
        }
        try (NbdPoint second = (NbdPoint) begin("understudy-1-2", Optional.of("understudy-1-1"))) {
            host.write(vm, VDA, 0x44, "5M", "64k");
            assertThat(byteAt(second, VDA, 1 << 20)).isEqualTo(0x22);
            assertThat(dirty(second, VDA)).containsExactly("1048576+65536");
            assertThat(dirty(second, VDB)).containsExactly("3145728+65536");
        }
        hypervisor.deleteCheckpoint(vm, "understudy-1-1");
        try (NbdPoint third = (NbdPoint) begin("understudy-1-3", Optional.of("understudy-1-2"))) {
            assertThat(dirty(third, VDA)).containsExactly("5242880+65536");
            assertThat(dirty(third, VDB)).isEmpty();
        }
    }

    @Test
    void showsAtRestExactlyWhatChangedSinceTheCheckpoint() throws Exception {
        host.write(vm, VDA, 0x11, "1M", "64k");
        begin("understudy-1-1", Optional.empty()).close();
        host.write(vm, VDA, 0x22, "5M", "64k");
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
        host.write(vm, VDA, 0x33, "7M", "64k");
        turnOff();
        try (NbdPoint point = (NbdPoint) beginAtRest("understudy-1-1")) {
            assertThat(dirty(point, VDA)).containsExactly("5242880+65536", "7340032+65536");
            assertThat(dirty(point, VDB)).isEmpty();
            assertThat(byteAt(point, VDA, 7 << 20)).isEqualTo(0x33);
        }
        try (NbdPoint point = (NbdPoint) beginAtRest("understudy-1-2")) {
            assertThat(dirty(point, VDA)).containsExactly("7340032+65536");
        }
        hypervisor.start(vm);
        host.write(vm, VDA, 0x44, "9M", "64k");
        try (NbdPoint next = (NbdPoint) begin("understudy-1-3", Optional.of("understudy-1-2"))) {
            assertThat(dirty(next, VDA)).containsExactly("7340032+65536", "9437184+65536");
        }
    }

    @Test
    void saysThatABitmapWasNotClosedOrIsSplitBySnapshot() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        host.virsh("snapshot-create-as", name, "s1", "--disk-only", "--no-metadata", "--diskspec",
                "vda,file=" + folder.resolve("over.qcow2"), "--diskspec", "vdb,snapshot=no");
        turnOff();
        assertThatThrownBy(() -> beginAtRest("understudy-1-1")).hasMessageContaining("a snapshot was made since");
        hypervisor.start(vm);
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
        killQemu();
        assertThatThrownBy(() -> beginAtRest("understudy-1-2")).hasMessageContaining(name);
        assertFails(FailureCode.RESYNCHRONIZATION_REQUIRED, () -> beginAtRest("understudy-1-2").close());
    }

    @Test
    void aSavedMachineIsNotAtRest() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        host.virsh("managedsave", name);
        assertThat(hypervisor.imprint(vm, BOTH)).isEmpty();
        host.virsh("managedsave-remove", name);
        assertThat(hypervisor.imprint(vm, BOTH)).isPresent();
    }

    @Test
    void forgetsNothingWhenACheckpointInTheMiddleIsDeleted() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        host.write(vm, VDA, 0x11, "1M", "64k");
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
        host.write(vm, VDA, 0x22, "2M", "64k");
        hypervisor.deleteCheckpoint(vm, "understudy-1-2");

        try (NbdPoint point = (NbdPoint) begin("understudy-1-3", Optional.of("understudy-1-1"))) {
            assertThat(dirty(point, VDA)).containsExactly("1048576+65536", "2097152+65536");
        }
    }

    @Test
    void deletesACheckpointWhileAPointInTimeIsOpen() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        try (NbdPoint open = (NbdPoint) begin("understudy-1-2", Optional.of("understudy-1-1"))) {
            hypervisor.deleteCheckpoint(vm, "understudy-1-1");
            assertThat(dirty(open, VDA)).isEmpty();
        }
        begin("understudy-1-3", Optional.of("understudy-1-2")).close();
    }

    @Test
    void endsThePointInTimeOfAnAgentThatWasKilled() throws Exception {
        Process agent = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                Agent.class.getName(), host.uri(), vm.toString(), folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        assertThat(agent.inputReader().readLine()).isEqualTo("open");
        agent.destroyForcibly().waitFor();
        assertThat(filesLeft()).contains("vda.qcow2.understudy-scratch");
        assertThat(sockets()).isNotEmpty();
        assertFails(FailureCode.HYPERVISOR_BUSY, () -> begin("understudy-1-2", Optional.empty()).close());

        hypervisor.endAbandonedPointInTime(vm);

        assertThat(filesLeft()).noneMatch(file -> file.contains("understudy-"));
        assertThat(sockets()).isEmpty();
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
    }

    private List<Path> sockets() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("sockets"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("understudy-")).toList();
        }
    }

    @Test
    void leavesTheBackupOfAnotherProgramAloneAndNamesIt() throws Exception {
        // Where QEMU, which is another user, may make one.
        Path socket = Path.of("/tmp", name + ".sock");
        Path xml = Files.writeString(folder.resolve("backup.xml"), "<domainbackup mode='pull'>"
                + "<server transport='unix' socket='" + socket + "'/></domainbackup>");
        host.virsh("backup-begin", name, xml.toString());

        assertThatThrownBy(() -> begin("understudy-1-1", Optional.empty()).close())
                .isInstanceOfSatisfying(FailureException.class, e -> {
                    assertThat(e.failure().code()).isEqualTo(FailureCode.HYPERVISOR_BUSY);
                    assertThat(e.failure().message()).contains("another program").contains(socket.toString());
                });
        hypervisor.endAbandonedPointInTime(vm);
        assertThat(host.virsh("backup-dumpxml", name)).contains(socket.toString());
        host.virsh("domjobabort", name);
    }

    @Test
    void listsNoCheckpointsOfOthers() throws Exception {
        host.virsh("checkpoint-create-as", name, "nightly");
        begin("understudy-1-1", Optional.empty()).close();

        assertThat(hypervisor.checkpoints(vm)).containsExactly("understudy-1-1");
        hypervisor.deleteCheckpoint(vm, "understudy-1-1");
        assertThat(host.virsh("checkpoint-list", name, "--name")).contains("nightly").doesNotContain("understudy");
    }

    @Test
    void asksForAResynchronizationWhenQemuWasKilledAndCanStartAnew() throws Exception {
        begin("understudy-1-1", Optional.empty()).close();
        begin("understudy-1-2", Optional.of("understudy-1-1")).close();
        killQemu();
        hypervisor.start(vm);

        assertFails(FailureCode.RESYNCHRONIZATION_REQUIRED,
                () -> begin("understudy-1-3", Optional.of("understudy-1-2")).close());
        begin("understudy-2-1", Optional.empty()).close();
        for (String broken : List.of("understudy-1-1", "understudy-1-2")) {
            hypervisor.deleteCheckpoint(vm, broken);
        }
        assertThat(hypervisor.checkpoints(vm)).containsExactly("understudy-2-1");
        host.write(vm, VDA, 0x11, "1M", "64k");
        try (NbdPoint point = (NbdPoint) begin("understudy-2-2", Optional.of("understudy-2-1"))) {
            assertThat(dirty(point, VDA)).containsExactly("1048576+65536");
        }
    }

    @Test
    void removesTheScratchOfAPointInTimeThatDiedWithQemu() throws Exception {
        begin("understudy-1-1", Optional.empty());
        killQemu();
        hypervisor.endAbandonedPointInTime(vm);

        assertThat(filesLeft()).noneMatch(file -> file.contains("understudy-scratch"));
    }

    @Test
    void connectsAgainAfterTheConnectionWasLost() throws Exception {
        String socket = host.uri().replaceFirst(".*[?&]socket=", "");
        assumeTrue(!socket.equals(host.uri()), "the test's URI names no socket");
        LinkedBlockingQueue<MachineEvent> events = new LinkedBlockingQueue<>();
        try (SocketRelay relay = new SocketRelay(folder.resolve("relay.sock"), Path.of(socket));
                LibvirtHypervisor relayed = new LibvirtHypervisor(
                        "qemu+unix:///system?socket=" + folder.resolve("relay.sock"), Clock.systemUTC());
                AutoCloseable listening = relayed.onMachineEvent(events::add)) {
            assertThat(listening).isNotNull();
            relay.cut();
            assertThatThrownBy(() -> untilItFails(relayed)).isInstanceOf(IOException.class)
                    .hasMessageContaining("relay.sock");
            relay.mend();
            assertThat(relayed.machine(vm)).isPresent();
            events.clear();
            relayed.destroy(vm);
            MachineEvent stopped = events.poll(20, TimeUnit.SECONDS);
            assertThat(stopped).isEqualTo(new MachineEvent(vm, MachineEvent.Kind.STOPPED));
        }
    }

    @Test
    void saysSoWhenNoLibvirtdAnswers() {
        try (LibvirtHypervisor nowhere = new LibvirtHypervisor(
                "qemu+unix:///system?socket=" + folder.resolve("none.sock"), Clock.systemUTC())) {
            assertThatThrownBy(nowhere::machines).isInstanceOf(IOException.class).hasMessageContaining("none.sock");
        }
    }

    @Test
    void leavesANetworkOfOthersAlone() throws Exception {
        String theirs = "net-" + UUID.randomUUID().toString().substring(0, 8);
        Path xml = Files.writeString(folder.resolve("net.xml"),
                "<network><name>" + theirs + "</name><portgroup name='gold'/><portgroup name='silver'/></network>");
        host.virsh("net-define", xml.toString());
        try {
            assertFails(FailureCode.ALREADY_EXISTS, () -> hypervisor.createIsolatedNetwork(theirs));
            assertFails(FailureCode.IN_USE, () -> hypervisor.removeIsolatedNetwork(theirs));
            assertThat(hypervisor.networks()).filteredOn(network -> network.name().equals(theirs)).singleElement()
                    .matches(network -> network.subnets().equals(List.of("gold", "silver")) && !network.active());
        } finally {
            host.virsh("net-undefine", theirs);
        }
    }

    @Test
    void startsTheReplicaOfAMachineFullOfItsHostsOwnThings() throws Exception {
        MachineDefinition rich = new MachineDefinition(replica().xml()
                .replace("<domain type='qemu'>", "<domain type='kvm'>")
                .replace("<vcpu>1</vcpu>", "<vcpu cpuset='0'>1</vcpu><cputune><vcpupin vcpu='0' cpuset='0'/></cputune>")
                .replace("<devices>", """
                        <features><acpi/><apic/></features><cpu mode='host-passthrough'/>
                        <clock offset='utc'><timer name='kvmclock' present='yes'/></clock>
                        <devices>
                        <disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='/dev/nowhere'/>
                          <target dev='vda' bus='virtio'/></disk>
                        <disk type='block' device='disk'><source dev='/dev/elsewhere'/>
                          <target dev='vdb' bus='virtio'/></disk>
                        <disk type='file' device='cdrom'><source file='/nowhere/debian.iso'/>
                          <target dev='sda' bus='sata'/><readonly/></disk>
                        <serial type='file'><source path='/nowhere/serial.log'/></serial>
                        <channel type='unix'><source mode='bind' path='/nowhere/agent.sock'/>
                          <target type='virtio' name='org.qemu.guest_agent.0'/></channel>
                        <filesystem type='mount'><source dir='/nowhere'/><target dir='shared'/></filesystem>
                        <graphics type='vnc' port='5999' autoport='no' listen='192.0.2.1'/>"""));
        Path xml = Files.writeString(folder.resolve("rich.xml"), rich.xml());
        host.virsh("define", xml.toString());
        Path image = folder.resolve("replica.qcow2");
        LibvirtHost.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "16M");
        ItemId item = ItemId.random();

        MachineDefinition definition = hypervisor.definition(rich.id());
        MachinePlan plan = MachinePlan.of(definition, new MachineRequest(item, rich.id(), rich.name(),
                UUID.randomUUID(), Map.of(VDA, image), MachineRequest.Connections.all(Optional.empty())),
                TargetCapabilities.unknown(MachineDefinition.Type.QEMU));
        host.virsh("undefine", rich.id().toString());
        assertThat(plan.portability().obstacles()).isEmpty();
        assertThat(hypervisor.refusals(plan.machine())).isEmpty();
        hypervisor.define(plan.machine());
        hypervisor.start(rich.id());

        assertThat(hypervisor.definition(rich.id()).item()).contains(item);
        assertThat(hypervisor.machine(rich.id()).orElseThrow().disks()).singleElement()
                .matches(disk -> disk.file().equals(image.toString()) && disk.obstacle().isEmpty());
    }

    @Test
    void answersQuickly() throws Exception {
        hypervisor.machines();
        List<Duration> list = new ArrayList<>();
        List<Duration> begin = new ArrayList<>();
        List<Duration> close = new ArrayList<>();
        List<Duration> delete = new ArrayList<>();
        begin("understudy-1-0", Optional.empty()).close();
        for (int i = 1; i <= 10; i++) {
            list.add(timed(hypervisor::machines));
            String since = "understudy-1-" + (i - 1);
            String checkpoint = "understudy-1-" + i;
            PointInTime[] point = new PointInTime[1];
            begin.add(timed(() -> point[0] = begin(checkpoint, Optional.of(since))));
            close.add(timed(() -> {
                point[0].close();
                return null;
            }));
            delete.add(timed(() -> {
                hypervisor.deleteCheckpoint(vm, since);
                return null;
            }));
        }
        System.getLogger("measured").log(System.Logger.Level.INFO,
                "MEASURED median of 10 in microseconds: machines " + median(list) + ", begin " + median(begin)
                + ", close " + median(close) + ", deleteCheckpoint " + median(delete));
        assertThat(median(list)).isLessThan(500_000);
    }

    private static void untilItFails(LibvirtHypervisor hypervisor) throws IOException {
        while (true) {
            hypervisor.machines();
        }
    }

    private void killQemu() throws Exception {
        String pid = ProcessHandle.allProcesses()
                .filter(process -> commandLine(process.pid()).contains("guest=" + name + ","))
                .map(process -> Long.toString(process.pid())).findFirst().orElseThrow();
        LinkedBlockingQueue<MachineEvent> events = new LinkedBlockingQueue<>();
        try (AutoCloseable listening = hypervisor.onMachineEvent(events::add)) {
            assertThat(listening).isNotNull();
            LibvirtHost.run("kill", "-9", pid);
            assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(new MachineEvent(vm, MachineEvent.Kind.STOPPED));
        }
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException e) {
            return "";
        }
    }

    private static String export(NbdPoint point, DiskName disk) {
        return "nbd+unix:///" + point.exportName(disk) + "?socket=" + point.socket(disk);
    }

    private int byteAt(NbdPoint point, DiskName disk, long offset) throws IOException {
        Path copy = folder.resolve("copy.raw");
        LibvirtHost.run("nbdcopy", export(point, disk), copy.toString());
        try (var file = Files.newByteChannel(copy)) {
            var one = ByteBuffer.allocate(1);
            file.position(offset).read(one);
            return one.get(0);
        }
    }

    /** {@code offset+length} of each dirty extent, as libnbd's own tool sees them. */
    private static List<String> dirty(NbdPoint point, DiskName disk) throws IOException {
        String map = LibvirtHost.run("nbdinfo", "--map=" + point.dirtyContext(disk).orElseThrow(), export(point, disk));
        return map.lines().map(line -> line.strip().split("\\s+")).filter(columns -> columns[2].equals("1"))
                .map(columns -> columns[0] + "+" + columns[1]).toList();
    }

    private static Duration timed(Callable<?> call) throws Exception {
        long before = System.nanoTime();
        call.call();
        return Duration.ofNanos(System.nanoTime() - before);
    }

    private static long median(List<Duration> times) {
        return times.stream().sorted().toList().get(times.size() / 2).toNanos() / 1000;
    }

    /** An agent that begins a point in time and waits to be killed. */
    static final class Agent {
        private Agent() {}

        public static void main(String[] arguments) throws Exception {
            Path folder = Path.of(arguments[2]);
            var request = new PointInTimeRequest("understudy-1-1", Optional.empty(),
                    "understudy-vm.sock", Map.of(
                            VDA, folder.resolve("vda.qcow2.understudy-scratch"),
                            VDB, folder.resolve("vdb.qcow2.understudy-scratch")));
            new LibvirtHost(arguments[0]).hypervisor(folder)
                    .beginPointInTime(VmId.parse(arguments[1]), request);
            try (FileOutputStream output = new FileOutputStream(FileDescriptor.out)) {
                output.write("open\n".getBytes(StandardCharsets.US_ASCII));
            }
            new CountDownLatch(1).await();
        }
    }
}
