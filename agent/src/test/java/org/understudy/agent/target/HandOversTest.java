package org.understudy.agent.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.agent.source.CyclesOfMachines;
import org.understudy.command.AgentCommand.FailOver;
import org.understudy.command.PointChoice;
import org.understudy.disk.HostProgram;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/** How the disks of a committed VM become its own; the images with QEMU's own tools. */
class HandOversTest {
    @TempDir
    Path folder;

    private TargetWorld world;
    private Path overlay;
    /** What was told to the VM's replication. */
    private final List<String> held = new ArrayList<>();
    private final CyclesOfMachines cycles = new CyclesOfMachines() {
        @Override
        public void hold(VmId vm, String what) {
            held.add(what);
        }

        @Override
        public void letGo(VmId vm) {
            held.add("let go");
        }
    };

    @BeforeEach
    void commitAFailover() throws IOException {
        world = new TargetWorld(folder);
        overlay = folder.resolve("images/web01-vda.qcow2");
        world.cycle(world.definition(""));
        world.machines.failOver(new FailOver(world.relationship(), new PointChoice.Latest(), List.of()));
    }

    @AfterEach
    void closeWorld() throws IOException {
        world.close();
    }

    private void copyWhatIsBelow() throws IOException {
        assertThat(HostProgram.run(Duration.ofSeconds(60),
                List.of("qemu-img", "rebase", "-f", "qcow2", "-b", "", overlay.toString())).succeeded()).isTrue();
        world.jobs.job = Optional.empty();
    }

    @Test
    void aFailedOverVmLiesWhereAnAdministratorLooksAndWhatItWritesIsNoted() {
        assertThat(overlay).isRegularFile();
        assertThat(world.defined.get(world.vm).disks()).containsEntry(TargetWorld.VDA, overlay);
        assertThat(world.jobs.told).containsExactly(
                "checkpoint understudy-" + world.item.toString().substring(0, 8) + "-2-0 [vda]");
    }

    @Test
    void nothingIsHandedOverBeforeTheFailoverIsCommitted() throws IOException {
        world.jobs.told.clear();
        world.handOvers().step(world.replica(), cycles);
        assertThat(world.jobs.told).isEmpty();
    }

    @Test
    void aRunningVmGetsItsDisksOnceWhateverAgentsDieAndThenTheReplicaCanGo() throws IOException {
        world.machines.commit(world.relationship());
        world.jobs.told.clear();
        world.handOvers().step(world.replica(), cycles);
        world.reopen();
        HandOvers second = world.handOvers();
        second.step(world.replica(), cycles);
        assertThat(second.progress(world.relationship()).orElseThrow().words())
                .isEqualTo("disk vda is handed over, 1 B of 4 B so far (25 %)");
        assertThatThrownBy(() -> world.machines.handOverAtRest(world.relationship()))
                .isInstanceOfSatisfying(FailureException.class,
                        e -> assertThat(e.failure().code()).isEqualTo(FailureCode.IN_USE));
        copyWhatIsBelow();
        second.step(world.replica(), cycles);
        second.step(world.replica(), cycles);

        assertThat(world.jobs.told).containsExactly("stand alone vda", "unmark");
        assertThat(world.defined.get(world.vm).isOurs()).isFalse();
        assertThat(second.progress(world.relationship())).isEmpty();
        assertThat(world.replica().branches()).isEmpty();
        world.reopen();
        world.catalog().remove(world.relationship());
        assertThat(folder.resolve("replicas").resolve(world.item.toString())).doesNotExist();
        assertThat(overlay).isRegularFile();
    }

    @Test
    void looksAgainSoonForAsLongAsADiskIsHandedOverAndSeldomWhenNothingIs() throws IOException {
        HandOvers handOvers = world.handOvers();
        Duration seldom = handOvers.turn(cycles);
        world.machines.commit(world.relationship());
        assertThat(handOvers.turn(cycles)).as("a job was begun").isLessThan(seldom);
        assertThat(handOvers.turn(cycles)).as("it is under way").isLessThan(seldom);
        copyWhatIsBelow();
        assertThat(handOvers.turn(cycles)).as("the last thing was done").isLessThan(seldom);
        assertThat(handOvers.turn(cycles)).isEqualTo(seldom);
    }

    @Test
    void noCycleBeginsFromWhenADiskIsNextUntilItIsTheVmsOwn() throws IOException {
        world.machines.commit(world.relationship());
        HandOvers handOvers = world.handOvers();
        world.jobs.busy = true;
        assertThatThrownBy(() -> handOvers.step(world.replica(), cycles))
                .isInstanceOfSatisfying(FailureException.class,
                        e -> assertThat(e.failure().code()).isEqualTo(FailureCode.HYPERVISOR_BUSY));
        world.jobs.busy = false;
        handOvers.step(world.replica(), cycles);
        handOvers.step(world.replica(), cycles);
        copyWhatIsBelow();
        handOvers.step(world.replica(), cycles);
        handOvers.step(world.replica(), cycles);

        assertThat(held).containsExactly("gets its disks after its failover: one is next",
                "gets its disks after its failover: disk vda is begun",
                "gets its disks after its failover: disk vda is handed over, 1 B of 4 B so far (25 %)", "let go");
    }

    @Test
    void cyclesGoOnWhileThereIsNoRoomForADisk() throws IOException {
        world.machines.commit(world.relationship());
        HandOvers handOvers = world.handOvers();
        handOvers.step(world.replica(), cycles);
        world.free = ByteCount.ofMebibytes(1000);
        isFull(() -> handOvers.step(world.replica(), cycles));
        assertThat(held).endsWith("let go");
    }

    @Test
    void aVmThatIsOffIsLeftAloneUntilItsReplicaIsToGo() throws IOException {
        world.machines.commit(world.relationship());
        world.jobs.told.clear();
        world.powers.put(world.vm, PowerState.SHUT_OFF);
        HandOvers handOvers = world.handOvers();
        handOvers.step(world.replica(), cycles);
        assertThat(world.jobs.told).isEmpty();
        assertThat(handOvers.progress(world.relationship())).isPresent();

        world.machines.handOverAtRest(world.relationship());
        world.machines.handOverAtRest(world.relationship());
        world.catalog().remove(world.relationship());
        assertThat(world.jobs.told).containsExactly("unmark");
        assertThat(Files.exists(overlay)).isTrue();
    }

    private static void qemu(String... command) throws IOException {
        HostProgram.Answer answer = HostProgram.run(Duration.ofSeconds(60), List.of(command));
        assertThat(answer.succeeded()).as("%s: %s", List.of(command), answer.words()).isTrue();
    }

    private void refuses(Call call, String... words) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(FailureException.class, e -> {
            assertThat(e.failure().code()).isEqualTo(FailureCode.STATE_FORBIDS);
            assertThat(e.failure().message()).contains(words);
        });
    }

    private interface Call {
        void run() throws IOException;
    }

    private void usesInstead(Path image) {
        world.defined.put(world.vm, world.defined.get(world.vm).withImage(TargetWorld.VDA, image));
    }

    @Test
    void theReplicasDiskStaysWhileTheVmRestsOnItByAnImageThatWasRenamed() throws IOException {
        world.machines.commit(world.relationship());
        Path renamed = Files.move(overlay, overlay.resolveSibling("renamed.qcow2"));
        usesInstead(renamed);
        refuses(() -> world.handOvers().step(world.replica(), cycles), "web01", "renamed.qcow2");
        world.powers.put(world.vm, PowerState.SHUT_OFF);
        refuses(() -> world.machines.handOverAtRest(world.relationship()), "web01", "renamed.qcow2");
        qemu("qemu-img", "check", "-q", renamed.toString());
        assertThat(folder.resolve("replicas").resolve(world.item.toString()).resolve("vda.raw"))
                .isRegularFile();

        qemu("qemu-img", "rebase", "-f", "qcow2", "-b", "", renamed.toString());
        world.machines.handOverAtRest(world.relationship());
        assertThat(world.replica().branches()).isEmpty();
    }

    private Path adoptAndCommit() throws IOException {
        world.close();
        Path old = Files.createDirectories(folder.resolve("old")).resolve("web01.qcow2");
        qemu("qemu-img", "create", "-q", "-f", "qcow2", old.toString(), "1M");
        Path second = Files.createDirectories(folder.resolve("second"));
        world = new TargetWorld(second, Optional.of(old));
        world.cycle(world.definition(""));
        world.machines.failOver(new FailOver(world.relationship(), new PointChoice.Latest(), List.of()));
        world.machines.commit(world.relationship());
        overlay = world.defined.get(world.vm).disks().get(TargetWorld.VDA);
        return old;
    }

    @Test
    void whatTheVmWroteToItsOldImageIsNotOverwrittenByTheOverlayThatItLeft() throws IOException {
        Path old = adoptAndCommit();
        qemu("qemu-io", "-f", "qcow2", "-c", "write -P 1 64k 64k", overlay.toString());
        qemu("qemu-img", "commit", "-q", "-d", "-f", "qcow2", overlay.toString());
        usesInstead(old);
        qemu("qemu-io", "-f", "qcow2", "-c", "write -P 2 64k 64k", old.toString());
        world.powers.put(world.vm, PowerState.SHUT_OFF);

        world.machines.handOverAtRest(world.relationship());
        assertThat(HostProgram.run(Duration.ofSeconds(60), List.of("qemu-io", "-f", "qcow2", "-c",
                "read -P 2 64k 64k", old.toString())).words()).doesNotContain("verification failed");
        assertThat(overlay).doesNotExist();
    }

    @Test
    void whatTheVmWroteAboveItsOverlayIsNotLeftAside() throws IOException {
        Path old = adoptAndCommit();
        Path snapshot = overlay.resolveSibling("snapshot.qcow2");
        qemu("qemu-img", "create", "-q", "-f", "qcow2", "-b", overlay.toString(), "-F", "qcow2", snapshot.toString());
        usesInstead(snapshot);
        world.powers.put(world.vm, PowerState.SHUT_OFF);
        refuses(() -> world.machines.handOverAtRest(world.relationship()), "web01", overlay.toString());
        assertThat(world.defined.get(world.vm).disks()).containsEntry(TargetWorld.VDA, snapshot);

        world.powers.remove(world.vm);
        refuses(() -> world.machines.handOverAtRest(world.relationship()), "web01", overlay.toString());
        assertThat(overlay).isRegularFile();
        assertThat(old).isRegularFile();
    }

    @Test
    void noDiskIsHandedOverIntoTheLastRoomOfAFileSystem() throws IOException {
        world.machines.commit(world.relationship());
        world.jobs.told.clear();
        HandOvers handOvers = world.handOvers();
        world.free = ByteCount.ofMebibytes(1000);
        isFull(() -> handOvers.step(world.replica(), cycles));
        assertThat(world.jobs.told).isEmpty();

        world.free = ByteCount.ofGibibytes(100);
        handOvers.step(world.replica(), cycles);
        world.free = ByteCount.ofMebibytes(1000);
        isFull(() -> handOvers.step(world.replica(), cycles));
        assertThat(world.jobs.told).containsExactly("stand alone vda", "give up vda");

        world.powers.put(world.vm, PowerState.SHUT_OFF);
        isFull(() -> world.machines.handOverAtRest(world.relationship()));
    }

    private static void isFull(Call call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(FailureException.class,
                e -> assertThat(e.failure().code()).isEqualTo(FailureCode.TARGET_STORAGE_FULL));
    }
}
