package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.understudy.replica.ReplicaWorld.VDA;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;

/** What a branch promises to the VM that runs from it, and to the replica below it; with QEMU's own tools. */
class ReplicaBranchTest {
    @TempDir
    Path folder;

    private ReplicaWorld world;

    @BeforeEach
    void makeWorld() throws IOException {
        world = ReplicaWorld.keepingAll(folder, 21);
    }

    @AfterEach
    void closeWorld() throws IOException {
        world.close();
    }

    private static void refused(FailureCode code, ThrowingCallable call) {
        assertThatExceptionOfType(FailureException.class).isThrownBy(call)
                .satisfies(e -> assertThat(e.failure().code()).isEqualTo(code));
    }

    private static String tool(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.onExit().join().exitValue()).as(output).isZero();
        return output;
    }

    private byte[] read(Path image) throws IOException {
        Path raw = folder.resolve("read.raw");
        tool(List.of("qemu-img", "convert", "-f", "qcow2", "-O", "raw", image.toString(), raw.toString()));
        return Files.readAllBytes(raw);
    }

    private Map<DiskName, Integer> replicaDisks() throws IOException {
        Map<DiskName, Integer> hashes = new HashMap<>();
        for (ReplicaDisk disk : world.spec.disks()) {
            hashes.put(disk.name(), Arrays.hashCode(Files.readAllBytes(world.rawFile(disk.name()))));
        }
        return hashes;
    }

    private void holds(Branch branch, LogPosition point) throws IOException {
        for (ReplicaDisk disk : world.spec.disks()) {
            assertThat(Arrays.mismatch(read(branch.disks().get(disk.name())),
                    world.history.get(point).get(disk.name())))
                    .as("first byte that differs on disk %s at %s", disk.name(), point).isEqualTo(-1);
        }
    }

    @Test
    void ofTheLatestPointIsAnEmptyOverlay() throws IOException {
        world.cycle(Consistency.CRASH);
        LogPosition journaled = world.capture(Consistency.CRASH);
        world.ship(journaled);
        Branch branch = world.replica().branch(journaled, "test", Branch.Purpose.TEST);
        holds(branch, journaled);
        assertThat(world.replica().report().applied()).isEqualTo(journaled);
        assertThat(tool(List.of("qemu-img", "info", branch.disks().get(VDA).toString())))
                .contains("file format: qcow2", "backing file format: raw");
        assertThat(Files.size(branch.disks().get(VDA))).isLessThan(300 << 10);
    }

    @Tag("slow")
    @Test
    void ofEachPointIsThatPointAndChangesNothingBelow() throws IOException {
        for (int i = 0; i < 50; i++) {
            world.cycle(Consistency.CRASH);
        }
        Map<DiskName, Integer> before = replicaDisks();
        for (RecoveryPoint point : world.replica().points().newestFirst()) {
            holds(world.replica().branch(point.position(), "test", Branch.Purpose.TEST), point.position());
            world.replica().removeBranch("test");
        }
        assertThat(replicaDisks()).isEqualTo(before);
        assertThat(world.home().resolve("branches")).isEmptyDirectory();
        assertThat(world.replica().points().newestFirst()).hasSize(50);
    }

    @Test
    void holdsApplyingWhileTheJournalGoesOn() throws IOException {
        LogPosition one = world.cycle(Consistency.CRASH);
        Branch branch = world.replica().branch(one, "test", Branch.Purpose.TEST);
        Map<DiskName, Integer> before = replicaDisks();
        tool(List.of("qemu-io", "-f", "qcow2", "-c", "write -P 7 4096 64k", branch.disks().get(VDA).toString()));
        LogPosition two = world.capture(Consistency.CRASH);
        world.ship(two);
        LogPosition three = world.capture(Consistency.CRASH);
        world.ship(three);
        world.reopen();
        assertThat(world.replica().branches()).containsExactly(branch);
        assertThat(world.replica().heldBecause()).isPresent();
        assertThat(world.replica().applyPending()).isZero();
        assertThat(world.replica().report().acknowledged()).isEqualTo(three);
        assertThat(world.replica().report().journal().bytes()).isPositive();
        assertThat(replicaDisks()).isEqualTo(before);
        refused(FailureCode.STATE_FORBIDS, () -> world.replica().branch(three, "other", Branch.Purpose.TEST));
        world.replica().removeBranch("test");
        assertThat(world.replica().applyPending()).isEqualTo(2);
        assertThat(world.contentAt(one, VDA)).isEqualTo(world.history.get(one).get(VDA));
        assertThat(world.contentAt(three, VDA)).isEqualTo(world.history.get(three).get(VDA));
    }

    @Test
    void isMadeOnceForTheSameRequest() throws IOException {
        LogPosition one = world.cycle(Consistency.CRASH);
        Branch branch = world.replica().branch(one, "fail-over", Branch.Purpose.FAILOVER);
        assertThat(world.replica().branch(one, "fail-over", Branch.Purpose.FAILOVER)).isEqualTo(branch);
        refused(FailureCode.ALREADY_EXISTS, () -> world.replica().branch(one, "fail-over", Branch.Purpose.TEST));
        refused(FailureCode.REQUEST_INVALID, () -> world.replica().branch(one, "../x", Branch.Purpose.TEST));
        refused(FailureCode.NO_RECOVERY_POINT,
                () -> world.replica().branch(new LogPosition(1, 9), "x", Branch.Purpose.TEST));
    }

    @Tag("slow")
    @Test
    void isThereWholeOrNotAtAllWhereverTheHostDies() throws IOException {
        LogPosition one = world.cycle(Consistency.CRASH);
        world.cycle(Consistency.CRASH);
        for (int line = 0; line < 7; line++) {
            world.machine.armAfter(line);
            assertThatExceptionOfType(CrashAt.Crash.class)
                    .isThrownBy(() -> world.replica().branch(one, "test", Branch.Purpose.TEST));
            world.reopen();
            if (world.replica().branches().isEmpty()) {
                assertThat(world.home().resolve("branches")).isEmptyDirectory();
            }
            holds(world.replica().branch(one, "test", Branch.Purpose.TEST), one);
            world.replica().removeBranch("test");
        }
    }

    @Test
    void staysWhenItsFailoverIsCommittedAndThePointsGo() throws IOException {
        for (int i = 0; i < 3; i++) {
            world.cycle(Consistency.CRASH);
        }
        LogPosition journaled = world.capture(Consistency.CRASH);
        world.ship(journaled);
        refused(FailureCode.STATE_FORBIDS, () -> world.replica().commit());
        LogPosition point = new LogPosition(1, 2);
        world.replica().fence();
        Branch branch = world.replica().branch(point, "failover", Branch.Purpose.FAILOVER);
        refused(FailureCode.IN_USE, () -> world.catalog().remove(world.spec.relationship()));
        world.replica().commit();
        world.reopen();
        assertThat(world.replica().branches()).containsExactly(branch);
        holds(branch, point);
        assertThat(world.replica().points().newestFirst()).isEmpty();
        assertThat(world.home().resolve("undo")).isEmptyDirectory();
        assertThat(world.home().resolve("journal")).isEmptyDirectory();
        assertThat(world.replica().applyPending()).isZero();
        refused(FailureCode.STATE_FORBIDS, () -> world.replica().removeBranch("failover"));
        refused(FailureCode.NO_RECOVERY_POINT,
                () -> world.replica().branch(journaled, "x", Branch.Purpose.TEST));
    }

    @Test
    void isGoneWithItsReplica() throws IOException {
        LogPosition one = world.cycle(Consistency.CRASH);
        world.replica().branch(one, "test", Branch.Purpose.TEST);
        world.replica().removeBranch("test");
        world.catalog().remove(world.spec.relationship());
        assertThat(world.home()).doesNotExist();
        assertThat(world.catalog().find(world.spec.relationship())).isEmpty();
    }
}
