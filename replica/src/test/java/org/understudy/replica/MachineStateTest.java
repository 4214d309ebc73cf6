package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.MachineState;
import org.understudy.replication.ReplicaSession;
import org.understudy.replication.StateDigest;

/** What a replica promises of what a machine keeps beside its disks. */
class MachineStateTest {
    @TempDir
    Path folder;

    private ReplicaWorld world;

    @BeforeEach
    void makeWorld() throws IOException {
        world = new ReplicaWorld(folder, 51, new Retention(0, Duration.ofMinutes(2)));
    }

    @AfterEach
    void closeWorld() throws IOException {
        world.close();
    }

    /** A cycle at which the machine keeps this. */
    private LogPosition cycle(MachineState state) throws IOException {
        LogPosition position = world.capture(Consistency.CRASH);
        world.states.put(position, state);
        world.ship(position);
        world.replica().applyPending();
        return position;
    }

    private ReplicaSession session() {
        return world.replica().session(_ -> { });
    }

    private static MachineState state(String content) {
        return new MachineState(content.getBytes(StandardCharsets.UTF_8));
    }

    private static void refused(FailureCode code, ThrowingCallable call) {
        assertThatExceptionOfType(FailureException.class).isThrownBy(call)
                .satisfies(e -> assertThat(e.failure().code()).as(e.failure().message()).isEqualTo(code));
    }

    @Test
    void startsAPointWithWhatTheMachineKeptThen() throws IOException {
        LogPosition before = cycle(MachineState.NONE);
        LogPosition one = cycle(state("one"));
        LogPosition still = cycle(state("one"));
        LogPosition two = cycle(state("two"));
        LogPosition nothing = cycle(MachineState.NONE);
        LogPosition three = cycle(state("three"));
        world.reopen();
        assertThat(world.replica().machineState(before)).as("none was told up to there").isEmpty();
        assertThat(world.replica().machineState(one)).contains(world.home().resolve("machines/1-2.state"));
        assertThat(world.replica().machineState(still)).isEqualTo(world.replica().machineState(one));
        assertThat(world.stateAt(one)).isEqualTo(state("one"));
        assertThat(world.stateAt(two)).isEqualTo(state("two"));
        assertThat(world.replica().machineState(nothing)).as("from there on it kept nothing").isEmpty();
        assertThat(world.stateAt(three)).isEqualTo(state("three"));
        assertThat(session().keptState()).isEqualTo(state("three").digest());
    }

    @Test
    void aStateThatCameWithNoAcknowledgedPositionIsOfNone() throws IOException {
        LogPosition one = cycle(state("one"));
        world.replica().rememberState(one.next(), state("never"));
        world.reopen();
        assertThat(world.stateAt(one)).isEqualTo(state("one"));
        try (ReplicaSession next = session()) {
            next.standing();
            assertThat(next.keptState()).isEqualTo(state("one").digest());
        }
        world.states.put(world.capture(Consistency.CRASH), state("one"));
        world.ship(one.next());
        assertThat(world.stateAt(one.next())).isEqualTo(state("one"));
    }

    @Test
    void whatWasPromisedDoesNotChangeAndOnlyOfTheNextPositionIsAnythingTaken() throws IOException {
        LogPosition one = cycle(state("one"));
        refused(FailureCode.REQUEST_INVALID, () -> world.replica().rememberState(one, state("another")));
        refused(FailureCode.REQUEST_INVALID, () -> world.replica().rememberState(one.next().next(), state("far")));
        refused(FailureCode.REQUEST_INVALID, () -> world.replica().rememberDefinition(one.next().next(), "<far/>"));
        world.replica().fence();
        refused(FailureCode.REPLICA_FENCED, () -> world.replica().rememberState(one.next(), state("another")));
        world.reopen();
        assertThat(world.stateAt(one)).isEqualTo(state("one"));
    }

    @Test
    void whatNoPointNeedsGoesAndWhatOneNeedsStays() throws IOException {
        for (int i = 1; i <= 20; i++) {
            cycle(state("state " + i / 2));
        }
        world.replica().trimPoints();
        assertThat(world.replica().points().newestFirst()).hasSizeBetween(3, 6).allSatisfy(point ->
                assertThat(world.stateAt(point.position())).isEqualTo(world.states.get(point.position())));
        assertThat(FolderTree.entries(world.home().resolve("machines"))).hasSizeLessThan(5);
        world.reopen();
        assertThat(world.replica().points().newestFirst()).allSatisfy(point ->
                assertThat(world.stateAt(point.position())).isEqualTo(world.states.get(point.position())));
    }

    @Test
    void aFolderWithoutRoomTakesNoneAndLosesNone() throws IOException {
        LogPosition one = cycle(state("one"));
        world.free = ReplicaSettings.USUAL_RESERVE.plus(new ByteCount(10));
        refused(FailureCode.TARGET_STORAGE_FULL, () -> world.replica().rememberState(
                one.next(), new MachineState(new byte[11])));
        assertThat(world.stateAt(one)).isEqualTo(state("one"));
        world.free = ByteCount.ofGibibytes(1);
        LogPosition two = cycle(new MachineState(new byte[11]));
        assertThat(world.stateAt(two)).isEqualTo(new MachineState(new byte[11]));
    }

    @Test
    void aStateThatWasLostIsToldAnewAndHoldsNothingUp() throws IOException {
        cycle(state("one"));
        Files.delete(world.replica().machineState().orElseThrow());
        assertThat(session().keptState()).isEqualTo(StateDigest.OF_NONE);
        LogPosition two = cycle(state("one"));
        assertThat(world.stateAt(two)).isEqualTo(state("one"));
        world.reopen();
        assertThat(world.stateAt(two)).isEqualTo(state("one"));
    }

    @Test
    void anOlderReplicaHasNone() throws IOException {
        cycle(MachineState.NONE);
        assertThat(session().keptState()).isEqualTo(StateDigest.OF_NONE);
        try (var files = Files.list(world.home().resolve("machines"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".state"))).isEmpty();
        }
    }
}
