package org.understudy.vault.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.RelationshipId;

/** Who answers a question, and what becomes of one that nobody answers. */
@Timeout(30)
class QuestionsTest {
    private static final CommandOutcome ANSWER = new CommandOutcome.Points(List.of());

    private final Questions questions = new Questions();
    private final HostId host = HostId.random();

    private Questions.Asked ask() {
        return questions.add(host, "kvm-ams", new AgentCommand.ListPoints(
                RelationshipId.first(ItemId.random()), Optional.empty(), 10));
    }

    @Test
    void givesTheAnswerOfTheHostThatWasAskedAndOfNoOther() {
        Questions.Asked asked = ask();
        assertThat(questions.waiting(host)).containsExactly(asked.issued());
        assertThat(questions.waiting(HostId.random())).isEmpty();
        assertThat(questions.end(HostId.random(), asked.issued().id(), ANSWER)).isFalse();
        assertThat(questions.end(host, asked.issued().id(), ANSWER)).isTrue();
        assertThat(questions.await(asked, Duration.ofSeconds(10))).isEqualTo(ANSWER);
        assertThat(questions.waiting(host)).isEmpty();
    }

    @Test
    void saysWhichAgentDidNotAnswerAndAsksNoMore() {
        Questions.Asked asked = ask();
        assertThatThrownBy(() -> questions.await(asked, Duration.ofMillis(1))).isInstanceOfSatisfying(
                FailureException.class, e -> {
                    assertThat(e.failure().code()).isEqualTo(FailureCode.AGENT_UNREACHABLE);
                    assertThat(e.failure().message()).startsWith("The agent on host kvm-ams did not answer");
                });
        assertThat(questions.waiting(host)).isEmpty();
    }

    @Test
    void passesOnWhatTheAgentRefused() {
        Questions.Asked asked = ask();
        questions.end(host, asked.issued().id(), new CommandOutcome.Failed(new Failure(
                FailureCode.NOT_FOUND, "no replica", "look", Instant.EPOCH)));
        assertThatThrownBy(() -> questions.await(asked, Duration.ofSeconds(10))).isInstanceOfSatisfying(
                FailureException.class, e -> assertThat(e.failure().code()).isEqualTo(FailureCode.NOT_FOUND));
    }

    @Test
    void takesNoMoreThanAHostCanAnswerAtOnce() {
        for (int i = 0; i < 32; i++) {
            ask();
        }
        assertThatThrownBy(this::ask).isInstanceOfSatisfying(FailureException.class, e ->
                assertThat(e.failure().message()).contains("has 32 questions to answer already"));
    }

    @Test
    void letsEverybodyGoWhenTheVaultEnds() {
        Questions.Asked asked = ask();
        questions.close();
        assertThatThrownBy(() -> questions.await(asked, Duration.ofSeconds(10)))
                .isInstanceOf(FailureException.class);
    }
}
