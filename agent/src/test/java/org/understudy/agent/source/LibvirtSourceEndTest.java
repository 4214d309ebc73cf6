package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.command.AgentCommand.TargetAddress;
import org.understudy.command.ReplicationSettings;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwareInMemory;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.libvirt.LabHypervisor;
import org.understudy.hypervisor.libvirt.LibvirtHypervisor;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;
import org.understudy.replication.SourceEnd;
import org.understudy.replication.SourceEndContract;
import org.understudy.replication.SystemPace;

/**
 * A source on a real libvirtd, worked on beside it by an administrator's own tools; skipped where
 * {@code UNDERSTUDY_TEST_LIBVIRT_URI} names none.
 */
@Tag("slow")
class LibvirtSourceEndTest extends SourceEndContract {
    private static final DiskName VDA = new DiskName("vda");
    private static final HostId HOST = HostId.random();
    private static final ItemId ITEM = ItemId.random();
    private static final RelationshipId ID = RelationshipId.first(ITEM);

    @TempDir
    private Path folder;

    private final VmId vm = VmId.random();
    private final String name = "vm-" + vm.toString().substring(0, 8);
    private final CycleCapture cycles = new CycleCapture();
    private final FirmwareInMemory firmware = new FirmwareInMemory();
    private String uri;
    private LibvirtHypervisor hypervisor;
    private RelationshipStore store;
    private Path images;
    private Path image;
    private LibvirtSourceEnd source;

    @BeforeEach
    void startMachine() throws IOException {
        uri = Optional.ofNullable(System.getenv("UNDERSTUDY_TEST_LIBVIRT_URI")).orElse("");
        assumeTrue(!uri.isBlank(), "UNDERSTUDY_TEST_LIBVIRT_URI names no libvirtd");
        hypervisor = LabHypervisor.at(uri, folder);
        images = Files.createDirectory(folder.resolve("images"));
        image = images.resolve("vda.qcow2");
        run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "64M");
        define(image);
        hypervisor.start(vm);
        firmware.add(vm);
        store = new RelationshipStore(Files.createDirectory(folder.resolve("agent")));
        Relationship relationship = new Relationship(ITEM, 1, vm,
                Map.of(VDA, new Relationship.SourceDisk(ByteCount.ofMebibytes(64), images.toString())),
                new TargetAddress(HostId.random(), "10.0.0.2", 8084),
                new ReplicationSettings(Duration.ofSeconds(1), true));
        store.begin(relationship);
        source = sourceOf(relationship);
    }

    @AfterEach
    void removeMachine() throws IOException {
        cycles.close();
        if (hypervisor != null) {
            hypervisor.destroy(vm);
            if (hypervisor.machine(vm).isPresent()) {
                virsh("undefine", name, "--checkpoints-metadata", "--snapshots-metadata");
            }
            hypervisor.close();
        }
    }

    @Override
    protected SourceEnd source() {
        return source;
    }

    @Override
    protected void loseTrack() throws IOException {
        for (String checkpoint : hypervisor.checkpoints(vm)) {
            hypervisor.deleteCheckpoint(vm, checkpoint);
        }
    }

    @Override
    protected void keep(int what) {
        firmware.keep(vm, what == 0 ? FirmwareBundle.NONE
                : FirmwareBundle.of(Map.of(FirmwareBundle.Kind.TPM_2, new byte[] {(byte) what})));
    }

    @Override
    protected void loseLogs() throws IOException {
        for (String log : logs()) {
            Files.delete(images.resolve(".understudy-" + ITEM).resolve(log));
        }
    }

    @Test
    void goesOnWithTheChangesAloneAfterTheLogsOfManyAttempts() throws Exception {
        cycle(1);
        write("1M");
        cycle(2);
        source.capture();
        source.met();
        // An attempt that died after its checkpoint was made, as often as an agent may be killed.
        for (int i = 0; i < 3; i++) {
            hypervisor.beginPointInTime(vm, disks().request(
                    CheckpointName.draw(ID, new LogPosition(1, 4), HOST), captured())).close();
            source = sourceOf(store.find(ID).orElseThrow());
        }
        source.met();
        source.acknowledged(new LogPosition(1, 3));
        source.capture();
        assertThat(hypervisor.checkpoints(vm)).hasSize(2);
        assertThat(source.standing().captured()).isEqualTo(new LogPosition(1, 4));
        assertThat(store.state(ID).orElseThrow().startOver()).isFalse();
    }

    @Test
    void aBitmapThatAnAttemptLeftInTheImageHoldsUpNothing() throws Exception {
        cycle(1);
        hypervisor.destroy(vm);
        run("qemu-img", "bitmap", "--add", image.toString(), CheckpointName.withoutAttempt(
                ID, new LogPosition(1, 2)));
        hypervisor.start(vm);
        cycle(2);
        assertThat(source.standing().acknowledged()).isEqualTo(new LogPosition(1, 2));
    }

    @Test
    void deletesNothingOfAnEarlierLifeBeforeTheTargetsStandingFits() throws Exception {
        cycle(1);
        cycle(2);
        source.capture();
        source.capture();
        List<String> before = hypervisor.checkpoints(vm);
        // Somebody put an old copy of the agent's folder back.
        store.save(ID, SourceState.start(store.find(ID).orElseThrow()));
        source = sourceOf(store.find(ID).orElseThrow());
        source.capture();
        assertThat(hypervisor.checkpoints(vm)).containsAll(before);
        assertThat(logs()).contains("vda.1-3.hrl", "vda.1-4.hrl");
        source.met();
        source.capture();
        assertThat(hypervisor.checkpoints(vm)).doesNotContainAnyElementsOf(before);
    }

    @Test
    void goesOnWithTheDefinitionOfBeforeWhenTheVmsIsTooLongToTravel() throws Exception {
        cycle(1);
        String before = source.machineDefinition(new LogPosition(1, 1));
        virsh("metadata", name, "urn:long", "--key", "long", "--set",
                "<x>" + "x".repeat(100_000) + "</x>", "--live", "--config");
        virsh("metadata", name, "urn:longer", "--key", "longer", "--set",
                "<x>" + "x".repeat(100_000) + "</x>", "--live", "--config");
        virsh("metadata", name, "urn:longest", "--key", "longest", "--set",
                "<x>" + "x".repeat(100_000) + "</x>", "--live", "--config");
        cycle(2);
        assertThat(source.machineDefinition(new LogPosition(1, 2))).isEqualTo(before);
    }

    /** Somebody tries the product beside the agent that runs, or begins anew while the old folder is to come back. */
    @Test
    void aSecondAgentFolderOfTheHostLeavesItsCheckpointsAlone() throws Exception {
        cycle(1);
        cycle(2);
        List<String> before = hypervisor.checkpoints(vm);
        assertThat(before).isNotEmpty();
        RelationshipStore another = new RelationshipStore(Files.createDirectory(folder.resolve("another")));
        Semaphore swept = new Semaphore(0);
        Hypervisor told = (Hypervisor) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[] {Hypervisor.class}, (_, method, arguments) -> {
                    Object answer = method.invoke(hypervisor, arguments);
                    if (method.getName().equals("reapCheckpoints") && vm.equals(arguments[0])) {
                        swept.release();
                    }
                    return answer;
                });
        try (SourceReplications second = new SourceReplications(told, another, new ReplicationFactory(told, another,
                cycles, _ -> {
                    throw new AssertionError("it replicates nothing");
                }, new SystemPace(Clock.systemUTC()), HostId.random()))) {
            second.resume();
            assertThat(swept.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(hypervisor.checkpoints(vm)).isEqualTo(before);
        write("1M");
        cycle(3);
        assertThat(store.state(ID).orElseThrow().startOver()).as("it goes on with what changed").isFalse();
    }

    @Test
    void disablingWhileTheMachineIsOffLeavesNothing() throws Exception {
        cycle(1);
        cycle(2);
        hypervisor.destroy(vm);
        assertThat(new SourceRemains(source.relationship(), hypervisor, disks()).remove()).isEmpty();

        virsh("undefine", name);
        assertThat(run("qemu-img", "info", image.toString())).doesNotContain("understudy");
        try (Stream<Path> left = Files.list(images)) {
            assertThat(left).containsExactly(image);
        }
    }

    @Test
    void followsADiskThatIsMovedByAnotherToolWhenItsOldStoreIsGone() throws Exception {
        cycle(1);
        source.capture();
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        write("1M");
        virsh("blockcopy", name, "vda", elsewhere.resolve("vda.qcow2").toString(), "--transient-job", "--wait",
                "--pivot");
        source.capture();
        assertThat(logs()).as("what waits stays where it was").contains("vda.1-2.hrl");
        assertThat(source.segments(new LogPosition(1, 2))).hasSize(1);
        assertThat(elsewhere.resolve(".understudy-" + ITEM)).isDirectoryContaining("glob:**.1-3.hrl");
        source = sourceOf(store.find(ID).orElseThrow());
        assertThat(source.segments(new LogPosition(1, 2))).hasSize(1);
        source.acknowledged(new LogPosition(1, 3));
        assertThat(images.resolve(".understudy-" + ITEM)).doesNotExist();
        Files.delete(image);
        Files.delete(images);
        source.capture();
        source.acknowledged(new LogPosition(1, 4));
        assertThat(images).as("made anew on another file system").doesNotExist();
    }

    @Test
    void makesNoFolderWhereTheImagesAreAway() throws Exception {
        cycle(1);
        Path away = images.resolveSibling("away");
        Files.move(images, away);
        assertThatThrownBy(source::capture).isInstanceOfSatisfying(FailureException.class, e -> {
            assertThat(e.failure().code()).isEqualTo(FailureCode.SOURCE_IO_FAILED);
            assertThat(e.failure().message()).contains(image.toString());
        });
        assertThat(images).doesNotExist();
        Files.move(away, images);
        cycle(2);
    }

    @Test
    void coversAnewInTheSameChainAfterAPauseThatTookTheCheckpointsAway() throws Exception {
        cycle(1);
        source.coverAnew("a pause");
        assertThat(new SourceRemains(source.relationship(), hypervisor, disks()).removeFromMachine()).isEmpty();
        assertThat(hypervisor.checkpoints(vm)).isEmpty();
        virsh("snapshot-create-as", name, "clean");
        virsh("snapshot-revert", name, "clean");
        cycle(2);
        assertThat(store.state(ID).orElseThrow().targetBlank()).isFalse();
    }

    @Test
    void keepsItsLogsBesideTheImageItselfAndNotBesideALinkToIt() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link.qcow2"), image);
        hypervisor.destroy(vm);
        virsh("undefine", name);
        define(link);
        hypervisor.start(vm);
        cycle(1);
        assertThat(images.resolve(".understudy-" + ITEM)).exists();
        assertThat(folder.resolve(".understudy-" + ITEM)).doesNotExist();
        assertThat(SourceReplications.folderOf(hypervisor.machine(vm).orElseThrow().disks().getFirst()))
                .isEqualTo(images.toString());
    }

    @Test
    void capturesWhatWasWrittenLastOnceAfterAShutdownAndGoesOnFromThere() throws Exception {
        cycle(1);
        write("1M");
        virsh("destroy", name, "--graceful");
        cycle(2);
        assertThat(changed()).isEqualTo(64 << 10);
        assertStandsStill("all that it wrote was captured");
        source = sourceOf(store.find(ID).orElseThrow());
        assertStandsStill("all that it wrote was captured");

        hypervisor.start(vm);
        write("2M");
        virsh("destroy", name, "--graceful");
        cycle(3);
        hypervisor.start(vm);
        cycle(4);
        assertThat(store.state(ID).orElseThrow().startOver()).isFalse();
        assertThat(hypervisor.checkpoints(vm)).as("that of the cycle that goes on").contains(captured().orElseThrow());
        assertThat(changed()).as("deltas since the first checkpoint, and not the disk").isLessThan(1 << 20);
    }

    @Test
    void waitsForItsFirstStartWithAMachineThatWasNeverCaptured() throws Exception {
        virsh("destroy", name, "--graceful");
        assertStandsStill("can be captured only when it does");
        hypervisor.start(vm);
        cycle(1);
    }

    @Test
    void coversAnewAsTheyLieWhenTheBitmapOfAMachineThatIsOffIsGone() throws Exception {
        cycle(1);
        write("1M");
        loseBitmapsOfMachineThatIsOff();
        source.capture();
        source.coverAnew(source.standing().loss().orElseThrow().reason());
        cycle(2);
        assertThat(source.standing().initial()).isFalse();
        assertStandsStill("all that it wrote was captured");
        source = sourceOf(store.find(ID).orElseThrow());
        assertStandsStill("all that it wrote was captured");

        hypervisor.start(vm);
        source.capture();
        assertThat(source.standing().captured()).as("nobody noted what it writes").isEqualTo(new LogPosition(1, 2));
        source.coverAnew(source.standing().loss().orElseThrow().reason());
        cycle(3);
        write("2M");
        cycle(4);
        assertThat(store.state(ID).orElseThrow().startOver()).isFalse();
    }

    @Test
    void beginsAnewWhenImagesOfAMachineThatIsOffAreWrittenToBetweenTwoSlices() throws Exception {
        source = sourceOf(relationshipOfLargeDisk());
        cycle(1);
        cycle(2);
        assertThat(source.standing().initial()).isFalse();
        loseBitmapsOfMachineThatIsOff();
        source.capture();
        source.coverAnew(source.standing().loss().orElseThrow().reason());
        cycle(3);
        assertThat(source.standing().initial()).as("more slices to come").isTrue();
        run("qemu-io", "-f", "qcow2", "-c", "write -P 9 1M 64k", image.toString());
        source.capture();
        assertThat(source.standing().captured()).isEqualTo(new LogPosition(1, 3));
        source.coverAnew(source.standing().loss().orElseThrow().reason());
        cycle(4);
        cycle(5);
        assertThat(source.standing().initial()).isFalse();
        assertStandsStill("all that it wrote was captured");
    }

    /** More is on it than one slice takes. */
    private Relationship relationshipOfLargeDisk() throws Exception {
        hypervisor.destroy(vm);
        run("qemu-img", "resize", "-q", image.toString(), "320M");
        run("qemu-io", "-f", "qcow2", "-c", "write -P 7 0 320M", image.toString());
        hypervisor.start(vm);
        store.remove(ID);
        Relationship large = new Relationship(ITEM, 1, vm,
                Map.of(VDA, new Relationship.SourceDisk(ByteCount.ofMebibytes(320), images.toString())),
                new TargetAddress(HostId.random(), "10.0.0.2", 8084),
                new ReplicationSettings(Duration.ofSeconds(1), true));
        store.begin(large);
        return large;
    }

    @Test
    void goesOnFromTheEarlierCheckpointWhenTheImageKnowsNothingOfTheNewest() throws Exception {
        cycle(1);
        write("1M");
        source.met();
        source.capture();
        write("2M");
        virsh("destroy", name, "--graceful");
        run("qemu-img", "bitmap", "--remove", "-f", "qcow2", image.toString(), captured().orElseThrow());
        source.capture();
        assertThat(source.standing().loss()).isEmpty();
        source.acknowledged(new LogPosition(1, 3));
        assertStandsStill("all that it wrote was captured");
        hypervisor.start(vm);
        cycle(4);
        assertThat(store.state(ID).orElseThrow().startOver()).isFalse();
    }

    private void loseBitmapsOfMachineThatIsOff() throws IOException {
        virsh("destroy", name, "--graceful");
        for (String bitmap : source.state().checkpoints(ID)) {
            run("qemu-img", "bitmap", "--remove", "-f", "qcow2", image.toString(), bitmap);
        }
    }

    @Test
    void beginsNoCycleWhileTheMachineIsBeingShutDown() throws Exception {
        cycle(1);
        source.hold().begin();
        assertThatThrownBy(source::capture).isInstanceOfSatisfying(FailureException.class, e ->
                assertThat(e.failure().code()).isEqualTo(FailureCode.HYPERVISOR_BUSY));
        write("1M");
        virsh("destroy", name, "--graceful");
        cycle(2);
        source.hold().end(CycleHold.Reason.SHUT_DOWN);
        hypervisor.start(vm);
        cycle(3);
    }

    private void assertStandsStill(String why) {
        assertThatThrownBy(source::capture).isInstanceOfSatisfying(FailureException.class, e -> {
            assertThat(e.failure().code()).isEqualTo(FailureCode.VM_NOT_RUNNING);
            assertThat(e.failure().message()).contains(name).contains(why);
        });
    }

    private long changed() throws IOException {
        return store.state(ID).orElseThrow().changed().bytes();
    }

    /** One cycle that the target acknowledges. */
    private void cycle(long sequence) throws IOException {
        source.met();
        source.capture();
        source.acknowledged(new LogPosition(1, sequence));
    }

    private Optional<String> captured() throws IOException {
        return source.state().captured().checkpoint(ID);
    }

    private LibvirtSourceEnd sourceOf(Relationship relationship) {
        return new LibvirtSourceEnd(relationship, FirmwareBeside.over(hypervisor, firmware), store, SourceDisks::new,
                cycles, HOST);
    }

    private SourceDisks disks() {
        return new SourceDisks(source.relationship());
    }

    private List<String> logs() throws IOException {
        try (Stream<Path> files = Files.list(images.resolve(".understudy-" + ITEM))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private void write(String offset) throws IOException {
        virsh("qemu-monitor-command", name, "--hmp", "qemu-io -d /machine/peripheral/virtio-disk0/virtio-backend "
                + "\"write -P 17 " + offset + " 64k\"");
    }

    private void define(Path disk) throws IOException {
        Path xml = Files.writeString(folder.resolve("vm.xml"), """
                <domain type='qemu'><name>%s</name><uuid>%s</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu>
                <os><type arch='x86_64' machine='q35'>hvm</type></os><devices><disk type='file' device='disk'>
                <driver name='qemu' type='qcow2'/><source file='%s'/><target dev='vda' bus='virtio'/></disk>
                </devices></domain>
                """.formatted(name, vm, disk));
        virsh("define", xml.toString());
    }

    private String virsh(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("virsh", "-q", "-c", uri));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " failed: " + output);
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
        return output;
    }
}
