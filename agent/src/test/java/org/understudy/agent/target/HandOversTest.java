package org.understudy.agent.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.command.AgentCommand.FailOver;
import org.understudy.command.PointChoice;
import org.understudy.disk.HostProgram;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine.PowerState;

/** How the disks of a committed VM become its own; the images with QEMU's own tools. */
class HandOversTest {
    @TempDir
    Path folder;

    private TargetWorld world;
    private Path overlay;

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
        world.handOvers().step(world.replica());
        assertThat(world.jobs.told).isEmpty();
    }

    @Test
    void aRunningVmGetsItsDisksOnceWhateverAgentsDieAndThenTheReplicaCanGo() throws IOException {
        world.machines.commit(world.relationship());
        world.jobs.told.clear();
        world.handOvers().step(world.replica());
        world.reopen();
        HandOvers second = world.handOvers();
        second.step(world.replica());
        assertThat(second.progress(world.relationship()).orElseThrow()).contains("vda", "25 %");
        assertThatThrownBy(() -> world.machines.handOverAtRest(world.relationship()))
                .isInstanceOfSatisfying(FailureException.class,
                        e -> assertThat(e.failure().code()).isEqualTo(FailureCode.IN_USE));
        copyWhatIsBelow();
        second.step(world.replica());
        second.step(world.replica());

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
    void aVmThatIsOffIsLeftAloneUntilItsReplicaIsToGo() throws IOException {
        world.machines.commit(world.relationship());
        world.jobs.told.clear();
        world.powers.put(world.vm, PowerState.SHUT_OFF);
        HandOvers handOvers = world.handOvers();
        handOvers.step(world.replica());
        assertThat(world.jobs.told).isEmpty();
        assertThat(handOvers.progress(world.relationship())).isPresent();

        world.machines.handOverAtRest(world.relationship());
        world.machines.handOverAtRest(world.relationship());
        world.catalog().remove(world.relationship());
        assertThat(world.jobs.told).containsExactly("unmark");
        assertThat(Files.exists(overlay)).isTrue();
    }
}
