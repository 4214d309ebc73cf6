package org.understudy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.command.PointChoice;
import org.understudy.command.ReplicationSettings;
import org.understudy.command.RetentionSettings;
import org.understudy.command.TestNetwork;
import org.understudy.model.FailureCode;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;

/** What an agent does with a word of a direction that is over: nothing of the later one changes by it. */
class LateWordsTest {
    private static final ItemId ITEM = ItemId.random();
    private static final RelationshipId EARLIER = RelationshipId.first(ITEM);
    private static final RelationshipId NOW = EARLIER.next();
    private static final VmId VM = VmId.random();

    private final LateWords withReplica = new LateWords(item -> item.equals(ITEM) ? 2 : 0, EARLIER::equals);
    private final LateWords without = new LateWords(item -> item.equals(ITEM) ? 2 : 0, _ -> false);

    static List<AgentCommand> makers() {
        return List.of(
                new AgentCommand.PrepareReplica(EARLIER, VM, "web01", HostId.random(), List.of(),
                        new RetentionSettings(1, Duration.ofHours(1)), Optional.empty()),
                new AgentCommand.StartReplication(EARLIER, VM, List.of(),
                        new AgentCommand.TargetAddress(HostId.random(), "kvm-ams", 8084),
                        new ReplicationSettings(Duration.ofSeconds(30), true)),
                new AgentCommand.ResumeReplication(EARLIER),
                new AgentCommand.PauseReplication(EARLIER, "backup", true),
                new AgentCommand.ReleaseReplica(EARLIER));
    }

    static List<AgentCommand> starters() {
        return List.of(
                new AgentCommand.FailOver(EARLIER, new PointChoice.Latest(), List.of()),
                new AgentCommand.StartTestFailover(
                        EARLIER, new PointChoice.Latest(), "web01 - Test", new TestNetwork.None()),
                new AgentCommand.StartMachine(EARLIER, VM), new AgentCommand.FinishReplication(EARLIER),
                new AgentCommand.DiscardFailover(EARLIER),
                new AgentCommand.ShutDownMachine(VM, Duration.ofMinutes(1), true, Optional.of(EARLIER)));
    }

    static List<AgentCommand> cleaners() {
        return List.of(new AgentCommand.StopReplication(EARLIER), new AgentCommand.RemoveReplica(EARLIER));
    }

    static List<AgentCommand> enders() {
        return List.of(new AgentCommand.CleanUpTestFailover(EARLIER), new AgentCommand.FenceReplica(EARLIER),
                new AgentCommand.CommitFailover(EARLIER),
                new AgentCommand.LetPointGo(EARLIER, new LogPosition(EARLIER.generation(), 0)));
    }

    static List<AgentCommand> questions() {
        return List.of(new AgentCommand.ListPoints(EARLIER, Optional.empty(), 10),
                new AgentCommand.DescribeMachine(VM), new AgentCommand.ListHoldings(),
                new AgentCommand.CheckMachine(
                        EARLIER, VM, "web01", new PointChoice.Latest(), List.of(), Optional.empty()),
                new AgentCommand.RefreshInventory());
    }

    @ParameterizedTest
    @MethodSource("makers")
    void nothingIsMadeOrMovedForAnEarlierDirection(AgentCommand late) {
        assertThat(withReplica.answer(late)).hasValueSatisfying(answer -> assertThat(answer).isInstanceOfSatisfying(
                CommandOutcome.Done.class, done -> assertThat(done.note().orElseThrow())
                        .contains("Nothing was done", "generation 2", EARLIER.toString())));
    }

    @ParameterizedTest
    @MethodSource("starters")
    void noVmIsStartedOrShutDownForAnEarlierDirection(AgentCommand late) {
        assertThat(withReplica.answer(late)).hasValueSatisfying(answer -> assertThat(answer).isInstanceOfSatisfying(
                CommandOutcome.Failed.class, failed ->
                        assertThat(failed.failure().code()).isEqualTo(FailureCode.RELATIONSHIP_OVER)));
    }

    @ParameterizedTest
    @MethodSource({"cleaners", "questions"})
    void whatTouchesOnlyTheEarlierDirectionIsCarriedOut(AgentCommand late) {
        assertThat(withReplica.answer(late)).isEmpty();
        assertThat(without.answer(late)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("enders")
    void theEarlierReplicaIsEndedWhileItIsThereAndIsDoneWithWhenItIsGone(AgentCommand late) {
        assertThat(withReplica.answer(late)).isEmpty();
        assertThat(without.answer(late)).hasValueSatisfying(
                answer -> assertThat(answer).isInstanceOf(CommandOutcome.Done.class));
    }

    @Test
    void theDirectionOfNowIsNeverLateNorIsWhatNamesNone() {
        assertThat(without.answer(new AgentCommand.FailOver(NOW, new PointChoice.Latest(), List.of()))).isEmpty();
        assertThat(without.answer(new AgentCommand.FenceReplica(NOW))).isEmpty();
        assertThat(without.answer(new AgentCommand.ResumeReplication(NOW.next()))).isEmpty();
        assertThat(without.answer(new AgentCommand.ResumeReplication(RelationshipId.first(ItemId.random())))).isEmpty();
        assertThat(without.answer(new AgentCommand.ShutDownMachine(
                VM, Duration.ofMinutes(1), false, Optional.empty()))).isEmpty();
        assertThat(without.answer(new AgentCommand.Unknown("teleport"))).isEmpty();
    }
}
