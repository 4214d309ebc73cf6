package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.understudy.replica.ReplicaWorld.VDA;
import static org.understudy.replica.ReplicaWorld.VDB;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/** What a branch promises whose images lie where an administrator expects a VM's disks; with QEMU's own tools. */
@Tag("slow")
class PlacedBranchTest {
    @TempDir
    Path folder;

    private ReplicaWorld world;
    private Path images;
    private BranchPlace place;

    @BeforeEach
    void makeWorld() throws IOException {
        world = ReplicaWorld.keepingAll(folder, 35);
        images = Files.createDirectories(folder.resolve("images"));
        place = new BranchPlace(Optional.of(images), Optional.of("understudy-2-0"));
    }

    @AfterEach
    void closeWorld() throws IOException {
        world.close();
    }

    private void holds(Branch branch, Map<DiskName, byte[]> content) throws IOException {
        for (ReplicaDisk disk : world.spec.disks()) {
            assertThat(Arrays.mismatch(QemuTools.content(branch.disks().get(disk.name()), folder),
                    content.get(disk.name()))).as("first byte that differs on disk %s", disk.name()).isEqualTo(-1);
        }
    }

    @Test
    void liesUnderTheVmsNameBesideWhatIsThereAndNotesWhatTheVmWritesAlone() throws IOException {
        Files.writeString(images.resolve("web01-vda.qcow2"), "somebody else's");
        LogPosition one = world.cycle(Consistency.CRASH);
        world.cycle(Consistency.CRASH);
        Branch branch = world.replica().branch(one, "failover", Branch.Purpose.FAILOVER, place);
        assertThat(branch.disks()).containsEntry(VDA, images.resolve("web01-vda-2.qcow2"))
                .containsEntry(VDB, images.resolve("web01-vdb.qcow2"));
        holds(branch, world.history.get(one));
        QemuTools.run("qemu-io", "-f", "qcow2", "-c", "write -P 9 128k 64k", branch.disks().get(VDA).toString());
        assertThat(DirtyExtents.of(branch.disks().get(VDA), "understudy-2-0", folder)).containsExactly("131072+65536");
        world.reopen();
        assertThat(world.replica().branches()).containsExactly(branch);
        assertThat(world.replica().branch(one, "failover", Branch.Purpose.FAILOVER, place)).isEqualTo(branch);
        world.replica().removeBranch("failover");
        assertThat(images.toFile().list()).containsExactly("web01-vda.qcow2");
        assertThat(Files.readString(images.resolve("web01-vda.qcow2"))).isEqualTo("somebody else's");
    }

    @Test
    void anImageThatSomebodyPutInItsPlaceIsNotDeleted() throws IOException {
        LogPosition one = world.cycle(Consistency.CRASH);
        Branch branch = world.replica().branch(one, "failover", Branch.Purpose.FAILOVER, place);
        Files.delete(branch.disks().get(VDA));
        QemuTools.run("qemu-img", "create", "-q", "-f", "qcow2", branch.disks().get(VDA).toString(), "1M");
        world.replica().removeBranch("failover");
        assertThat(images.toFile().list()).containsExactly("web01-vda.qcow2");
    }

    @Test
    void isThereWholeOrNotAtAllWhereverTheHostDies() throws IOException {
        LogPosition one = world.cycle(Consistency.CRASH);
        world.cycle(Consistency.CRASH);
        for (int line = 0; line < 10; line++) {
            world.machine.armAfter(line);
            assertThatExceptionOfType(CrashAt.Crash.class)
                    .isThrownBy(() -> world.replica().branch(one, "failover", Branch.Purpose.FAILOVER, place));
            world.reopen();
            if (world.replica().branches().isEmpty()) {
                assertThat(images).as("after a crash at line %s", line).isEmptyDirectory();
            }
            holds(world.replica().branch(one, "failover", Branch.Purpose.FAILOVER, place), world.history.get(one));
            world.replica().removeBranch("failover");
            assertThat(images).isEmptyDirectory();
        }
    }

    @Test
    void aCommittedVmKeepsItsImagesAndTheReplicaCanGo() throws IOException {
        LogPosition one = world.cycle(Consistency.CRASH);
        world.cycle(Consistency.CRASH);
        world.replica().fence();
        Branch branch = world.replica().branch(one, "failover", Branch.Purpose.FAILOVER, place);
        world.replica().commit();
        List<HandOver> toDo = world.replica().handOver().orElseThrow();
        assertThat(toDo).extracting(HandOver::adopted).containsExactly(false, false);
        world.replica().handOverAtRest(toDo.getFirst());
        assertThat(world.replica().handOver().orElseThrow()).extracting(HandOver::disk).containsExactly(VDB);
        world.replica().handOverAtRest(toDo.getLast());

        for (int line = 0; line < 3; line++) {
            world.machine.armAfter(line);
            assertThatExceptionOfType(CrashAt.Crash.class)
                    .isThrownBy(() -> world.replica().handedOver(List.of()));
            world.reopen();
            if (world.replica().branches().isEmpty()) {
                break;
            }
        }
        world.replica().handedOver(List.of());
        assertThat(world.rawFile(VDA)).doesNotExist();
        world.reopen();
        world.catalog().remove(world.spec.relationship());
        assertThat(world.home()).doesNotExist();
        holds(branch, world.history.get(one));
        assertThat(ImageFacts.of(branch.disks().get(VDA), "qcow2").bitmaps()).containsExactly("understudy-2-0");
    }
}
