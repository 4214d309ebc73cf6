package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.agent.source.SourceState.Cycle;
import org.understudy.command.AgentCommand.TargetAddress;
import org.understudy.command.ReplicationSettings;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;

/** What a source believes of itself after each thing that may happen to it. */
class SourceStateTest {
    private static final HostId HOST = HostId.random();
    private static final DiskName VDA = new DiskName("vda");
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private final Relationship relationship = new Relationship(
            ItemId.random(), 1, VmId.random(),
            Map.of(VDA, new Relationship.SourceDisk(ByteCount.ofMebibytes(64), "/images")),
            new TargetAddress(HostId.random(), "10.0.0.2", 8084),
            new ReplicationSettings(Duration.ofSeconds(1), true));

    @Test
    void startsBeforeTheFirstCycleWithNothingCovered() {
        SourceState state = SourceState.start(relationship);
        assertThat(state.captured().position()).isEqualTo(new LogPosition(1, 0));
        assertThat(state.covered()).containsEntry(VDA, ByteCount.ZERO);
    }

    @Test
    void beginsTheWayBackFromWhatTheMachineHasWrittenSinceItsFailoverAlone() {
        Relationship back = new Relationship(relationship.item(), 2, relationship.vm(), relationship.disks(),
                relationship.target(), relationship.settings());
        String base = CheckpointName.base(back.id());
        SourceState state = SourceState.startFrom(back, base);
        assertThat(base).matches("understudy-[0-9a-f]{8}-2-0");
        assertThat(state.covered()).containsEntry(VDA, ByteCount.ofMebibytes(64));
        assertThat(state.captured().checkpoint(back.id())).contains(base);
        assertThat(state.checkpoints(back.id())).containsExactly(base);
        assertThat(CheckpointName.isOf(back.id(), base)).as("it goes when no cycle starts from it").isTrue();
        assertThat(CheckpointName.isOf(relationship.id(), base)).isFalse();
        assertThat(state.startingOver("so").captured().checkpoint(back.id())).isEmpty();
    }

    @Test
    void takesAnAcknowledgementOfSeveralCyclesAtOnce() {
        SourceState state = after(3).acknowledged(at(2));
        assertThat(state.acknowledged().position()).isEqualTo(at(2));
        assertThat(state.waiting()).extracting(Cycle::position).containsExactly(at(3));
    }

    @Test
    void changesNothingWhenAnAcknowledgementComesTwice() {
        SourceState state = after(3).acknowledged(at(2));
        assertThat(state.acknowledged(at(2))).isEqualTo(state);
        assertThat(state.acknowledged(at(1))).isEqualTo(state);
    }

    @Test
    void goesBackToWhatTheTargetHasWhenWaitingLogsAreLost() {
        SourceState state = after(3).acknowledged(at(1)).goneBackTo(at(1), "so");
        assertThat(state.captured().position()).isEqualTo(at(1));
        assertThat(state.covered()).containsEntry(VDA, ByteCount.ofMebibytes(1));
        assertThat(state.captured().checkpoint(relationship.id())).as("changes since are known").isPresent();
        assertThat(state.anew()).isEmpty();
    }

    @Test
    void coversAnewFromAPositionOfWhichItKnowsNothing() {
        for (long there : new long[] {1, 9}) {
            SourceState state = after(3).acknowledged(at(2)).goneBackTo(at(there), "the target was put back");
            assertThat(state.captured().position()).isEqualTo(at(there));
            assertThat(state.covered()).containsEntry(VDA, ByteCount.ZERO);
            assertThat(state.targetBlank()).isFalse();
            assertThat(state.checkpoints(relationship.id())).isEmpty();
            assertThat(state.anew()).contains("the target was put back");
        }
    }

    /** Else it would go on from a checkpoint that says nothing of what the target has. */
    @Test
    void forgetsWhatWasCoveredAlsoWhenTheFirstCycleThatCoversAnewIsLost() {
        SourceState state = after(2).acknowledged(at(1)).startingOver("so").captured(cycle(3), ByteCount.ZERO)
                .goneBackTo(at(1), "its logs are gone");
        assertThat(state.covered()).containsEntry(VDA, ByteCount.ZERO);
        assertThat(state.captured().checkpoint(relationship.id())).isEmpty();
        assertThat(state.anew()).contains("so");
    }

    @Test
    void takesNoCycleThatDoesNotFollow() {
        assertThatThrownBy(() -> after(2).captured(cycle(4), ByteCount.ZERO)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void coversEverythingAnewInTheSameChainAfterChangesWereForgotten() {
        SourceState state = after(2).startingOver("so");
        assertThat(state.covered()).containsEntry(VDA, ByteCount.ZERO);
        assertThat(state.captured().position()).isEqualTo(at(2));
        assertThat(state.targetBlank()).isFalse();
        assertThat(state.captured(cycle(3), ByteCount.ZERO).startOver()).isFalse();
        assertThat(after(2).checkpoints(relationship.id())).isNotEmpty();
        assertThat(state.checkpoints(relationship.id())).as("nothing starts from them").isEmpty();
    }

    @Test
    void isForgottenAlsoWhenItWasBeingWrittenDownAsTheAgentDied(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.save(relationship);
        store.save(relationship.id(), after(1));
        Path item = folder.resolve("relationships").resolve(relationship.item().toString());
        Files.writeString(item.resolve("state.json.new"), "{ torn");
        store.remove(relationship.id());
        store.remove(relationship.id());
        assertThat(item).doesNotExist();
    }

    @Test
    void isTheSameAfterARestart(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.save(relationship);
        SourceState state = after(3).acknowledged(at(1));
        store.save(relationship.id(), state);

        RelationshipStore reopened = new RelationshipStore(folder);
        assertThat(reopened.all().relationships()).containsExactly(relationship);
        assertThat(reopened.state(relationship.id())).contains(state);

        reopened.remove(relationship.id());
        assertThat(new RelationshipStore(folder).all().relationships()).isEmpty();
    }

    @Test
    void knowsTheCheckpointsThatACycleMayStartFromYet() {
        assertThat(SourceState.start(relationship).checkpoints(relationship.id())).isEmpty();
        assertThat(after(4).acknowledged(at(2)).checkpoints(relationship.id()))
                .containsExactlyInAnyOrder("understudy-1-2", "understudy-1-3", "understudy-1-4");
    }

    @Test
    void goesOnFromWhatAnEarlierVersionWroteWithItsCheckpoint(@TempDir Path folder) throws Exception {
        RelationshipStore store = new RelationshipStore(folder);
        store.save(relationship);
        Files.writeString(store.stateFile(relationship.id()), """
                {"acknowledged":{"position":{"generation":1,"sequence":7},"instant":"2026-11-21T12:00:00Z",
                 "covered":{"vda":67108864}},"waiting":[],"startOver":false,"targetBlank":true,"changed":5}
                """);
        SourceState state = store.state(relationship.id()).orElseThrow();
        assertThat(state.captured().checkpoint(relationship.id())).contains(
                "understudy-" + relationship.item().toString().substring(0, 8) + "-1-7");
        assertThat(CheckpointName.isOf(relationship.id(),
                state.captured().checkpoint(relationship.id()).orElseThrow())).isTrue();
    }

    @Test
    void drawsAnotherCheckpointForEachAttempt() {
        String one = CheckpointName.draw(relationship.id(), at(3), HOST);
        assertThat(one).isNotEqualTo(CheckpointName.draw(relationship.id(), at(3), HOST));
        assertThat(CheckpointName.isOf(relationship.id(), one)).isTrue();
        assertThat(CheckpointName.isOf(RelationshipId.first(ItemId.random()), one)).isFalse();
        assertThat(CheckpointName.isOurs("understudy-nightly")).isFalse();
        assertThat(CheckpointName.isOurs("nightly")).isFalse();
    }

    private SourceState after(int cycles) {
        SourceState state = SourceState.start(relationship);
        for (int sequence = 1; sequence <= cycles; sequence++) {
            state = state.captured(cycle(sequence), ByteCount.ofKibibytes(64));
        }
        return state;
    }

    private static Cycle cycle(int sequence) {
        return new Cycle(
                at(sequence), Optional.of(NOON.plusSeconds(sequence)), Map.of(VDA, ByteCount.ofMebibytes(sequence)),
                Optional.of("understudy-1-" + sequence));
    }

    private static LogPosition at(long sequence) {
        return new LogPosition(1, sequence);
    }
}
