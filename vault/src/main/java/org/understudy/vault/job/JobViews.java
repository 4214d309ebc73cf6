package org.understudy.vault.job;
import java.util.Optional;
import java.util.Set;
import org.understudy.api.JobView;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobAction;
import org.understudy.workflow.JobState;
import org.understudy.workflow.JobStep;

/** Jobs as REST shows them. Pure. */
public final class JobViews {
    private JobViews() {}

    /** As it is begun, or as nobody asked what its feature allows. */
    public static JobView of(Job job) {
        return of(job, job.allowedActions());
    }

    static JobView of(Job job, Set<JobAction> actions) {
        Optional<String> description = job.state() == JobState.SUSPENDED ? job.step().note() : Optional.empty();
        return new JobView(job.id(), job.type(), state(job.state()), description,
                Optional.of(new JobView.JobObject(job.target().kind(), job.target().id(), job.target().name())),
                job.steps().stream().map(JobViews::step).toList(), job.failure(), job.createdAt(), job.startedAt(),
                job.endedAt(), actions.stream().map(JobViews::action).toList());
    }

    private static JobView.Step step(JobStep step) {
        return new JobView.Step(step.name(), state(step.state()), step.attempt(), step.startedAt(), step.endedAt(),
                step.nextAttemptAt(), step.note(), step.failure());
    }

    private static JobView.State state(JobState state) {
        return switch (state) {
            case NOT_STARTED -> JobView.State.NOT_STARTED;
            case IN_PROGRESS -> JobView.State.IN_PROGRESS;
            case SUCCEEDED -> JobView.State.SUCCEEDED;
            case FAILED -> JobView.State.FAILED;
            case CANCELLED -> JobView.State.CANCELLED;
            case SUSPENDED -> JobView.State.SUSPENDED;
            case CANCELLING -> JobView.State.CANCELLING;
            case SKIPPED -> JobView.State.SKIPPED;
        };
    }

    /** What a person resumes is a test, and that by its clean-up. */
    private static JobView.Action action(JobAction action) {
        return switch (action) {
            case CANCEL -> JobView.Action.CANCEL;
            case RESTART -> JobView.Action.RESTART;
            case RESUME -> JobView.Action.RESUME;
        };
    }
}
