package org.understudy.workflow;

import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.workflow.sql.DatabaseException;

/** One run of one leased job: step after step until it ends or has to wait. On one thread. */
final class JobRun {
    private static final Logger LOG = LoggerFactory.getLogger(JobRun.class);

    /** What looks like a defect may be the moment's; a job that ends by it takes a person. */
    private static final int ATTEMPTS_OF_A_DEFECT = 3;

    private final JobStore store;
    private final Map<String, JobType> types;
    private final Clock clock;
    private final Backoff backoff;
    private Lease lease;

    JobRun(JobStore store, Map<String, JobType> types, Clock clock, Backoff backoff, Lease lease) {
        this.store = store;
        this.types = types;
        this.clock = clock;
        this.backoff = backoff;
        this.lease = lease;
    }

    void run() {
        while (runStep()) {
            // The next step.
        }
    }

    /** Whether another step follows at once. */
    private boolean runStep() {
        Job job = current();
        if (job.state() == JobState.CANCELLING && job.step().cancellable()) {
            cancel(job);
            return false;
        }
        lease = store.begin(lease, job.currentStep(), clock.instant());
        job = current();
        return follow(job, outcomeOf(job));
    }

    private boolean follow(Job job, StepOutcome outcome) {
        Instant now = clock.instant();
        int step = job.currentStep();
        return switch (outcome) {
            case StepOutcome.Done() -> advance(job, JobState.SUCCEEDED, Optional.empty());
            case StepOutcome.Skipped(String why) -> advance(job, JobState.SKIPPED, Optional.of(why));
            case StepOutcome.AwaitSignal wait -> {
                withNotes(job, () -> store.waitForSignal(lease, wait.lookAgainAt(), now));
                yield false;
            }
            case StepOutcome.RetryAt retry -> {
                withNotes(job, () -> store.retry(lease, step, retry, now));
                LOG.info("step failed and waits for its next attempt job={} step={} attempt={} next={} reason=\"{}\"",
                        job.id(), job.step().id(), job.step().attempt(), retry.when(), retry.why().message());
                yield false;
            }
            case StepOutcome.AwaitUser(String prompt) -> {
                withNotes(job, () -> store.suspend(lease, step, prompt, now));
                LOG.info("job was suspended job={} step={} prompt=\"{}\"", job.id(), job.step().id(), prompt);
                yield false;
            }
            case StepOutcome.Failed(Failure failure) -> {
                end(job, () -> store.fail(lease, step, failure, now));
                yield false;
            }
        };
    }

    private StepOutcome outcomeOf(Job job) {
        StepType step = types.get(job.type()).steps().stream()
                .filter(type -> type.id().equals(job.step().id()))
                .findFirst()
                .orElse(null);
        if (step == null) {
            return new StepOutcome.Failed(failure(FailureCode.INTERNAL_ERROR,
                    "this version of the vault does not know step " + job.step().id() + " of " + job.type()));
        }
        StepContext context = new StepContext(job, lease, store, clock.instant());
        return handled(job, step, context);
    }

    private StepOutcome handled(Job job, StepType step, StepContext context) {
        try {
            return step.handler().run(context);
        } catch (Lease.Lost e) {
            throw e;
        } catch (FailureException e) {
            return retryOrFail(job, e.failure());
        } catch (RuntimeException e) {
            if (e instanceof DatabaseException refused && refused.mayPass()) {
                throw refused;
            }
            LOG.error("step broke job={} step={} attempt={}", job.id(), step.id(), job.step().attempt(), e);
            Failure broke = failure(FailureCode.INTERNAL_ERROR,
                    "step \"" + step.name() + "\" of " + job.type() + " broke: " + e);
            return job.step().attempt() < ATTEMPTS_OF_A_DEFECT ? again(job, broke) : new StepOutcome.Failed(broke);
        }
    }

    private StepOutcome retryOrFail(Job job, Failure failure) {
        boolean again = failure.code().kind() == FailureCode.Kind.TRY_AGAIN
                && job.step().attempt() < backoff.attempts();
        return again ? again(job, failure) : new StepOutcome.Failed(failure);
    }

    private StepOutcome again(Job job, Failure failure) {
        return new StepOutcome.RetryAt(clock.instant().plus(backoff.after(job.step().attempt())), failure);
    }

    private boolean advance(Job job, JobState how, Optional<String> note) {
        int step = job.currentStep();
        if (step + 1 < job.steps().size()) {
            withNotes(job, () -> store.advance(lease, step, how, note, clock.instant()));
            return true;
        }
        end(job, () -> store.succeed(lease, step, how, note, clock.instant()));
        return false;
    }

    /** Writes the outcome of a step and the notes it left as one. */
    private void withNotes(Job job, Runnable write) {
        store.database().transact(() -> {
            store.keepNotes(lease, job.notes());
            write.run();
        });
    }

    private void cancel(Job job) {
        end(job, () -> store.cancelled(lease, job.currentStep(), failure(FailureCode.CANCELLED,
                job.type() + " on " + job.target().name() + " was cancelled in step \"" + job.step().name() + "\""),
                clock.instant()));
    }

    /** Writes the end and what the job's type does with it together; if the latter breaks, the job fails by that. */
    private void end(Job job, Runnable write) {
        try {
            withNotes(job, () -> {
                write.run();
                types.get(job.type()).ended().accept(current());
            });
        } catch (DatabaseException | Lease.Lost e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("what follows the end of a job broke job={}", job.id(), e);
            store.fail(lease, job.currentStep(), failure(FailureCode.INTERNAL_ERROR,
                    "what follows the end of " + job.type() + " broke: " + e), clock.instant());
        }
        Job ended = current();
        LOG.info("job ended job={} type=\"{}\" target={} state={} reason=\"{}\"", ended.id(), ended.type(),
                ended.target().name(), ended.state(), ended.failure().map(Failure::message).orElse(""));
    }

    private Job current() {
        return store.find(lease.job()).orElseThrow(() -> new Lease.Lost(lease));
    }

    private Failure failure(FailureCode code, String message) {
        return new Failure(code, message, code.recommendedAction(), clock.instant());
    }
}
