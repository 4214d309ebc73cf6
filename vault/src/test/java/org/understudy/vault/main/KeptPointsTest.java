package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.api.AuditView;
import org.understudy.api.DisableRequest;
import org.understudy.api.DryRunView;
import org.understudy.api.FailoverRequest;
import org.understudy.api.JobView;
import org.understudy.api.LetPointGoRequest;
import org.understudy.api.Operation;
import org.understudy.api.RecoveryPointView;
import org.understudy.command.AgentCommand;
import org.understudy.model.FailureCode;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;

/** A point that is kept is deleted by nobody unasked, and a person lets it go by its name. */
@Tag("slow")
@Timeout(120)
class KeptPointsTest extends TellsAStory {
    private static final int POINTS = 5;
    private static final LetPointGoRequest OLDEST = new LetPointGoRequest("1-3");

    private String item;

    @BeforeEach
    void begin() throws IOException {
        item = story.protectedItem().toString();
        keeps(Optional.of(3L));
    }

    private void keeps(Optional<Long> sequence) {
        story.amsterdam().keeps(story.people().item(item).id(), POINTS, sequence.map(story.amsterdam()::point));
        Awaiting.until(() -> story.people().recoveryPoints(item).stream().anyMatch(RecoveryPointView::kept),
                Boolean.valueOf(sequence.isPresent())::equals);
    }

    @Test
    void isShownWithWhatItIsAndLetGoByItsName() {
        assertThat(story.people().recoveryPoints(item).stream().filter(RecoveryPointView::kept))
                .extracting(RecoveryPointView::id).containsExactly("1-3");
        assertThat(story.people().item(item).health().reasons()).anyMatch(reason -> reason.contains("1-3")
                && reason.contains("kvm-ams") && reason.contains("understudy point let-go web01 1-3"));
        assertThat(story.people().item(item).allowedOperations()).contains(Operation.LET_POINT_GO);
        DryRunView dry = story.people().rehearse(item, Operation.LET_POINT_GO, OLDEST);
        assertThat(dry.possible()).isTrue();
        assertThat(dry.actions()).singleElement().asString().contains("1-3", "kvm-ams", "nowhere else is lost");
        assertThat(story.amsterdam().wasAsked(AgentCommand.LetPointGo.class)).isFalse();

        JobView job = story.people().operate(item, Operation.LET_POINT_GO, OLDEST);
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.amsterdam().asked().getLast()).isEqualTo(new AgentCommand.LetPointGo(
                RelationshipId.first(story.people().item(item).id()), new LogPosition(1, 3)));
        assertThat(story.people().audit(1).getFirst()).satisfies(record -> {
            assertThat(record).extracting(AuditView::action).isEqualTo("Let a kept point go");
            assertThat(record.toString()).contains("point 1-3");
        });
    }

    @Test
    void isNotLetGoByAnotherName() {
        Refusals.assertRefused(FailureCode.NO_RECOVERY_POINT, "kept is 1-3",
                () -> story.people().operate(item, Operation.LET_POINT_GO, new LetPointGoRequest("1-4")));
        Refusals.assertRefused(FailureCode.NO_RECOVERY_POINT,
                () -> story.people().operate(item, Operation.LET_POINT_GO, new LetPointGoRequest("7-0")));
        for (String word : new String[] {"latest", "", "everything"}) {
            Refusals.assertRefused(FailureCode.REQUEST_INVALID,
                    () -> story.people().operate(item, Operation.LET_POINT_GO, new LetPointGoRequest(word)));
        }
        assertThat(story.amsterdam().wasAsked(AgentCommand.LetPointGo.class)).isFalse();
    }

    @Test
    void staysUntilThenWhateverWouldDeleteIt() {
        DisableRequest delete = new DisableRequest(Optional.of(true), Optional.empty());
        Refusals.assertRefused(FailureCode.STATE_FORBIDS, "understudy point let-go web01 1-3",
                () -> story.people().disable(item, delete));
        assertThat(story.people().disableDryRun(item, new DisableRequest(Optional.of(false), Optional.empty()))
                .possible()).as("a replica that stays keeps its points").isTrue();
        assertThat(story.ended(story.people().failOver(item, FailoverRequest.latest()).id()).state())
                .isEqualTo(JobView.State.SUCCEEDED);
        Refusals.assertRefused(FailureCode.STATE_FORBIDS, "understudy point let-go web01 1-3",
                () -> story.people().commit(item));
        assertThat(story.amsterdam().wasAsked(AgentCommand.CommitFailover.class)).isFalse();
        assertThat(story.people().item(item).allowedOperations()).contains(Operation.LET_POINT_GO);
        keeps(Optional.empty());
        assertThat(story.ended(story.people().commit(item).id()).state()).isEqualTo(JobView.State.SUCCEEDED);
    }
}
