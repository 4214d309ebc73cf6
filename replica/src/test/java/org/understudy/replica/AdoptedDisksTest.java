package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.understudy.replica.ReplicaWorld.VDA;
import static org.understudy.replica.ReplicaWorld.VDB;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.Extent;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.MachineState;

/** What a replica promises whose disks are images that were there before it; with QEMU's own tools. */
@Tag("slow")
class AdoptedDisksTest {
    private static final LogPosition LEFT_BEHIND = LogPosition.startOf(2);
    private static final MachineState LEFT_STATE = new MachineState(new byte[] {7, 7, 7});

    @TempDir
    Path folder;

    private ReplicaWorld world;
    private Path images;
    private final Map<DiskName, byte[]> left = new HashMap<>();

    @BeforeEach
    void makeWorld() throws IOException {
        world = ReplicaWorld.ofGeneration(folder, 34, 2);
        images = Files.createDirectories(folder.resolve("images"));
        for (ReplicaDisk disk : world.spec.disks()) {
            byte[] content = new byte[(int) disk.size().bytes()];
            Arrays.fill(content, 4096, 200 << 10, (byte) 7);
            left.put(disk.name(), content);
            Path raw = Files.write(folder.resolve("left.raw"), content);
            QemuTools.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw.toString(),
                    image(disk.name()).toString());
        }
    }

    @AfterEach
    void closeWorld() throws IOException {
        world.close();
    }

    private Path image(DiskName disk) {
        return images.resolve(disk + ".qcow2");
    }

    private Adoption adoption(boolean kept) {
        Map<DiskName, AdoptedImage> asked = new HashMap<>();
        world.spec.disks().forEach(disk -> asked.put(disk.name(), new AdoptedImage(image(disk.name()), "qcow2")));
        return new Adoption(asked, world.clock.instant(), kept, LEFT_STATE);
    }

    private static void refused(FailureCode code, ThrowingCallable call) {
        assertThatExceptionOfType(FailureException.class).isThrownBy(call)
                .satisfies(e -> assertThat(e.failure().code()).as(e.failure().message()).isEqualTo(code));
    }

    private void holds(Branch branch, Map<DiskName, byte[]> content) throws IOException {
        for (ReplicaDisk disk : world.spec.disks()) {
            assertThat(Arrays.mismatch(QemuTools.content(branch.disks().get(disk.name()), folder),
                    content.get(disk.name()))).as("first byte that differs on disk %s", disk.name()).isEqualTo(-1);
        }
    }

    @Test
    void whatWasLeftBehindIsAPointThatStaysUntilItIsLetGo() throws IOException {
        world.adopt(adoption(true));
        assertThat(world.replica().points().latest().position()).isEqualTo(LEFT_BEHIND);
        for (int i = 0; i < 3; i++) {
            world.cycle(Consistency.PARTIAL);
        }
        LogPosition newest = world.cycle(Consistency.CRASH);
        assertThat(Files.exists(world.rawFile(VDA))).isFalse();
        world.clock.forward(Duration.ofDays(40));
        world.cycle(Consistency.CRASH);
        world.replica().trimPoints();
        world.reopen();
        assertThat(world.replica().points().newestFirst()).extracting(point -> point.position())
                .contains(LEFT_BEHIND);
        assertThat(world.stateAt(LEFT_BEHIND)).as("what its firmware kept").isEqualTo(LEFT_STATE);
        assertThat(world.stateAt(newest)).isEqualTo(world.states.get(newest));
        holds(world.replica().branch(LEFT_BEHIND, "test", Branch.Purpose.TEST), left);
        world.replica().removeBranch("test");
        refused(FailureCode.STATE_FORBIDS, () -> world.catalog().remove(world.spec.relationship()));
        refused(FailureCode.STATE_FORBIDS, () -> world.catalog().remove(world.spec.relationship(), List.of(newest)));
        assertThat(world.catalog().holdings()).singleElement()
                .satisfies(held -> assertThat(held.kept()).containsExactly(LEFT_BEHIND));
        refused(FailureCode.NO_RECOVERY_POINT, () -> world.replica().letGo(newest));

        world.replica().letGo(LEFT_BEHIND);
        world.replica().trimPoints();
        world.reopen();
        assertThat(world.replica().kept()).isEmpty();
        assertThat(world.home().resolve("machines/2-0.state")).as("goes with its point").doesNotExist();
        assertThat(world.replica().points().newestFirst()).extracting(point -> point.position())
                .doesNotContain(LEFT_BEHIND);
        holds(world.replica().branch(world.history.lastKey(), "test", Branch.Purpose.TEST),
                world.history.lastEntry().getValue());
    }

    @Test
    void anImageIsChangedByNothingBeforeTheFirstPositionAndIsThenTheNewestOne() throws IOException {
        byte[] before = Files.readAllBytes(image(VDA));
        world.adopt(adoption(false));
        assertThat(Files.readAllBytes(image(VDA))).isEqualTo(before);
        assertThat(world.replica().kept()).isEmpty();
        world.cycle(Consistency.CRASH);
        world.cycle(Consistency.CRASH);
        byte[] read = world.replica().atRest(VDB, disk -> {
            ByteBuffer all = ByteBuffer.allocate((int) disk.size().bytes());
            disk.read(0, all);
            assertThat(disk.allocated(new Extent(0, disk.size().bytes()))).isNotEmpty();
            return all.array();
        });
        assertThat(read).isEqualTo(world.history.lastEntry().getValue().get(VDB));
        world.replica().hold("test");
        refused(FailureCode.STATE_FORBIDS, () -> world.replica().atRest(VDB, disk -> disk.size()));
        world.close();
        assertThat(QemuTools.content(image(VDA), folder)).isEqualTo(world.history.lastEntry().getValue().get(VDA));
    }

    @Test
    void anImageThatIsOpenElsewhereOrDoesNotStandAloneOrFitIsRefused() throws IOException {
        Adoption asked = adoption(true);
        try (ImageDevice other = ImageDevice.open(image(VDB), "qcow2", folder.resolve("other.pid"))) {
            assertThat(other.size()).isEqualTo(world.spec.disk(VDB).size());
            refused(FailureCode.IN_USE, () -> world.adopt(asked));
        }
        QemuTools.run("qemu-img", "resize", "-q", image(VDA).toString(), "+1M");
        refused(FailureCode.STATE_FORBIDS, () -> world.adopt(asked));
        Files.move(image(VDA), images.resolve("below.qcow2"));
        QemuTools.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", images.resolve("below.qcow2").toString(), "-F",
                "qcow2", image(VDA).toString(), Long.toString(world.spec.disk(VDA).size().bytes()));
        refused(FailureCode.STATE_FORBIDS, () -> world.adopt(asked));
        assertThat(world.root.resolve(world.spec.item().toString())).doesNotExist();
        assertThat(world.root.resolve(world.spec.item() + ".filling")).doesNotExist();
    }

    @Test
    void theImageIsFreeForReadersWhileABranchStandsOnItAndClosedOtherwise() throws IOException {
        world.adopt(adoption(false));
        LogPosition one = world.cycle(Consistency.CRASH);
        assertThat(QemuTools.isFree(image(VDA))).isFalse();
        Branch branch = world.replica().branch(one, "failover", Branch.Purpose.FAILOVER,
                new BranchPlace(Optional.of(folder.resolve("nowhere")), Optional.of("understudy-3-0")));
        assertThat(branch.disks().get(VDA).getParent()).isEqualTo(images);
        assertThat(QemuTools.isFree(image(VDA))).isTrue();
        holds(branch, world.history.get(one));
    }

    @Test
    void aCommittedVmHasItsOldImageAgainAndTheReplicaCanGo() throws IOException {
        world.adopt(adoption(true));
        LogPosition one = world.cycle(Consistency.CRASH);
        world.cycle(Consistency.CRASH);
        world.replica().fence();
        Branch branch = world.replica().branch(one, "failover", Branch.Purpose.FAILOVER,
                new BranchPlace(Optional.of(images), Optional.of("understudy-3-0")));
        QemuTools.run("qemu-io", "-f", "qcow2", "-c", "write -P 9 64k 64k", branch.disks().get(VDA).toString());
        refused(FailureCode.STATE_FORBIDS, () -> world.replica().commit());
        world.replica().letGo(LEFT_BEHIND);
        world.replica().commit();
        byte[] expected = world.history.get(one).get(VDA).clone();
        Arrays.fill(expected, 64 << 10, 128 << 10, (byte) 9);

        List<HandOver> toDo = world.replica().handOver().orElseThrow();
        assertThat(toDo).extracting(HandOver::disk).containsExactly(VDA, VDB);
        refused(FailureCode.STATE_FORBIDS, () -> world.replica().handedOver(List.of()));
        for (HandOver disk : toDo) {
            world.replica().handOverAtRest(disk);
        }
        world.replica().handedOver(List.of(VDA, VDB));
        world.reopen();
        assertThat(world.replica().branches()).isEmpty();
        world.catalog().remove(world.spec.relationship());

        assertThat(images.toFile().list()).containsExactlyInAnyOrder("vda.qcow2", "vdb.qcow2");
        assertThat(QemuTools.content(image(VDA), folder)).isEqualTo(expected);
        assertThat(ImageFacts.of(image(VDA), "qcow2").bitmaps()).containsExactly("understudy-3-0");
    }
}
