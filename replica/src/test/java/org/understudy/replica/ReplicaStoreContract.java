package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.understudy.replica.ReplicaWorld.VDA;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.Consistency;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;
import org.understudy.replica.ReplicaStore.Ability;

/**
 * What every store of a replica's disks promises, and what one promises that has an ability. A subclass makes a replica
 * over such a store, anew for each test; the journal over it is the same.
 */
abstract class ReplicaStoreContract {
    @TempDir
    Path folder;

    private ReplicaWorld world;

    /** A replica over the store, that has received nothing. */
    protected abstract ReplicaWorld make(Path folder) throws IOException;

    @BeforeEach
    void makeWorld() throws IOException {
        world = make(folder);
    }

    @AfterEach
    void closeWorld() throws IOException {
        world.close();
    }

    private ReplicaStore store() {
        return world.replica().store;
    }

    private void holds(Branch branch, LogPosition point) throws IOException {
        for (ReplicaDisk disk : world.spec.disks()) {
            assertThat(Arrays.mismatch(QemuTools.content(branch.disks().get(disk.name()), folder),
                    world.history.get(point).get(disk.name())))
                    .as("first byte that differs on disk %s at %s", disk.name(), point).isEqualTo(-1);
        }
    }

    @Test
    void whatItHoldsIsToldByItsAbilities() {
        assertThat(store().can(Ability.IS_ADOPTED)).isEqualTo(!Files.exists(world.rawFile(VDA)));
        assertThat(world.replica().points().newestFirst()).hasSize(store().can(Ability.IS_ADOPTED) ? 1 : 0);
    }

    @Test
    void everyAppliedPositionCanBeHadBackAndABranchChangesNothing() throws IOException {
        List<LogPosition> applied = List.of(world.cycle(Consistency.CRASH), world.cycle(Consistency.CRASH),
                world.cycle(Consistency.APPLICATION));
        for (LogPosition point : applied) {
            Branch branch = world.replica().branch(point, "test", Branch.Purpose.TEST);
            holds(branch, point);
            QemuTools.run("qemu-io", "-f", "qcow2", "-c", "write -P 5 0 64k", branch.disks().get(VDA).toString());
            world.replica().removeBranch("test");
        }
        LogPosition next = world.cycle(Consistency.CRASH);
        holds(world.replica().branch(next, "test", Branch.Purpose.TEST), next);
    }

    @Test
    void aDeathAnywhereInAnApplyLosesNoPoint() throws IOException {
        LogPosition one = world.cycle(Consistency.CRASH);
        LogPosition two = world.capture(Consistency.CRASH);
        world.ship(two);
        for (int line = 0; line < 12; line += 3) {
            world.machine.armAfter(line);
            try {
                world.replica().applyPending();
            } catch (CrashAt.Crash died) {
                world.reopen();
            }
            world.machine.repair();
            holds(world.replica().branch(one, "test", Branch.Purpose.TEST), one);
            world.replica().removeBranch("test");
        }
        world.replica().applyPending();
        holds(world.replica().branch(two, "test", Branch.Purpose.TEST), two);
    }

    @Test
    void whatIsTrimmedTakesNoOtherPointAlong() throws IOException {
        for (int i = 0; i < 4; i++) {
            world.cycle(Consistency.PARTIAL);
        }
        LogPosition kept = world.cycle(Consistency.CRASH);
        world.cycle(Consistency.PARTIAL);
        LogPosition newest = world.cycle(Consistency.CRASH);
        world.replica().trimPoints();
        world.reopen();
        assertThat(world.replica().points().newestFirst()).extracting(RecoveryPoint::position)
                .startsWith(newest, kept);
        holds(world.replica().branch(kept, "test", Branch.Purpose.TEST), kept);
    }

    @Test
    void aBranchThatIsPlacedLiesWhereItIsAskedForAndGoesAlone() throws IOException {
        assumeTrue(store().can(Ability.PLACES_BRANCHES));
        Path images = Files.createDirectories(folder.resolve("placed"));
        LogPosition one = world.cycle(Consistency.CRASH);
        Branch branch = world.replica().branch(one, "failover", Branch.Purpose.FAILOVER,
                new BranchPlace(Optional.of(images), Optional.of("understudy-9-0")));
        assertThat(branch.disks().values()).noneMatch(image -> image.startsWith(world.root));
        assertThat(ImageFacts.of(branch.disks().get(VDA), "qcow2").bitmaps()).containsExactly("understudy-9-0");
        holds(branch, one);
        world.replica().removeBranch("failover");
        assertThat(branch.disks().values()).noneMatch(Files::exists);
        assertThat(images).isEmptyDirectory();
    }

    @Test
    void aCommittedVmKeepsItsDisksWhenTheReplicaGoes() throws IOException {
        assumeTrue(store().can(Ability.HANDS_OVER));
        LogPosition one = world.cycle(Consistency.CRASH);
        world.cycle(Consistency.CRASH);
        world.replica().fence();
        Branch branch = world.replica().branch(one, "failover", Branch.Purpose.FAILOVER,
                new BranchPlace(Optional.of(Files.createDirectories(folder.resolve("placed"))), Optional.empty()));
        world.replica().commit();
        List<HandOver> toDo = world.replica().handOver().orElseThrow();
        for (HandOver disk : toDo) {
            world.replica().handOverAtRest(disk);
        }
        world.replica().handedOver(toDo.stream().map(HandOver::disk).toList());
        world.reopen();
        world.catalog().remove(world.spec.relationship());
        assertThat(world.home()).doesNotExist();
        for (HandOver disk : toDo) {
            Path own = disk.adopted() ? disk.below() : branch.disks().get(disk.disk());
            assertThat(QemuTools.content(own, folder)).isEqualTo(world.history.get(one).get(disk.disk()));
        }
    }
}
