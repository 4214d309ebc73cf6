package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.api.CleanupRequest;
import org.understudy.api.EndedTestView;
import org.understudy.api.HealthView;
import org.understudy.api.JobView;
import org.understudy.api.TestFailoverRequest;
import org.understudy.command.AgentCommand;
import org.understudy.model.FailureCode;

/** What becomes of a test failover that nobody ends, and what is known of one that was. */
@Tag("slow")
@Timeout(120)
class OverdueTestsTest extends TellsAStory {
    private static final Duration HALF_A_DAY = Duration.ofHours(12);

    private void passes(int days) {
        for (int half = 0; half < 2 * days; half++) {
            story.clock().move(HALF_A_DAY);
            story.vault().housekeeping().look();
        }
    }

    private List<JobView> cleanUps(String item) {
        return story.people().jobs(Optional.of(item), false).stream()
                .filter(job -> job.name().equals("Cleanup test failover")).toList();
    }

    @Test
    void theVaultWarnsOfAForgottenTestAndEndsItAfterTwoWeeks() {
        String item = story.protectedItem().toString();
        JobView test = story.people().testFailover(item, TestFailoverRequest.isolated());
        assertThat(story.ended(test.id()).state()).isEqualTo(JobView.State.SUSPENDED);
        passes(13);
        HealthView health = story.people().item(item).health();
        assertThat(health.level()).isGreaterThanOrEqualTo(HealthView.Level.WARNING);
        assertThat(health.reasons()).anyMatch(reason -> reason.contains("is open for 312 hours")
                && reason.contains("The vault ends it after"));
        assertThat(cleanUps(item)).isEmpty();

        passes(2);
        assertThat(Awaiting.until(() -> story.people().item(item).testFailover(), Optional::isEmpty)).isEmpty();
        assertThat(Awaiting.until(() -> story.people().job(test.id()), job -> job.state().isEnded()).state())
                .isEqualTo(JobView.State.SUCCEEDED);
        EndedTestView ended = story.people().tests(item).getFirst();
        assertThat(ended.endedBy()).isEqualTo("vault");
        assertThat(ended.notes()).contains("open for more than 14 days");
        assertThat(story.amsterdam().wasAsked(AgentCommand.CleanUpTestFailover.class)).isTrue();
    }

    @Test
    void asksATargetThatCannotEndItOnceADay() {
        String item = story.protectedItem().toString();
        story.ended(story.people().testFailover(item, TestFailoverRequest.isolated()).id());
        story.amsterdam().refuse(AgentCommand.CleanUpTestFailover.class, FailureCode.IN_USE);
        passes(15);
        Awaiting.until(() -> cleanUps(item), jobs -> jobs.stream().anyMatch(job -> job.state().isEnded()));
        story.vault().housekeeping().look();
        story.vault().housekeeping().look();
        assertThat(cleanUps(item)).hasSize(1);
        passes(2);
        assertThat(Awaiting.until(() -> cleanUps(item), jobs -> jobs.size() > 1)).hasSizeLessThan(4);
    }

    @Test
    void keepsWhatPeopleNotedOfEachTest() {
        String item = story.protectedItem().toString();
        for (String notes : List.of("boots, database needs its licence", "all well")) {
            story.ended(story.people().testFailover(
                    item, new TestFailoverRequest(Optional.of("1-4"), Optional.of("none"))).id());
            story.ended(story.people().cleanUpTestFailover(item, new CleanupRequest(Optional.of(notes))).id());
        }
        assertThat(story.people().tests(item)).extracting(EndedTestView::notes)
                .containsExactly("all well", "boots, database needs its licence");
        EndedTestView newest = story.people().tests(item).getFirst();
        assertThat(newest.point().orElseThrow().id()).isEqualTo("1-4");
        assertThat(newest.network()).isEqualTo("none");
        assertThat(newest.endedBy()).isEqualTo("admin");
        assertThat(newest.startedAt()).isPresent();
    }
}
