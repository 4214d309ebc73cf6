package org.understudy.workflow;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.Failure;

/** How one run of a step's handler came out. Persisted, with the notes, before anything follows from it. */
public sealed interface StepOutcome {
    /** The step is done; the next one follows at once. */
    record Done() implements StepOutcome {}

    /** There was nothing to do; the next step follows at once. */
    record Skipped(String why) implements StepOutcome {
        public Skipped {
            Objects.requireNonNull(why, "why");
        }
    }

    /**
     * The same step runs again, as the same attempt, when {@link Jobs#signal} is called for the job. A signal that came
     * while the handler ran counts, so a handler that looked before the signal does not wait for ever.
     *
     * @param lookAgainAt runs then without a signal as well
     */
    record AwaitSignal(Optional<Instant> lookAgainAt) implements StepOutcome {
        public AwaitSignal {
            Objects.requireNonNull(lookAgainAt, "lookAgainAt");
        }

        public AwaitSignal() {
            this(Optional.empty());
        }

        public AwaitSignal(Instant lookAgainAt) {
            this(Optional.of(lookAgainAt));
        }
    }

    /** It did not work now; a new attempt begins then. Durable: a restart of the process does not shorten the wait. */
    record RetryAt(Instant when, Failure why) implements StepOutcome {
        public RetryAt {
            Objects.requireNonNull(when, "when");
            Objects.requireNonNull(why, "why");
        }
    }

    /** The job is suspended until a person resumes it; then the same step runs again and finds the comment. */
    record AwaitUser(String prompt) implements StepOutcome {
        public AwaitUser {
            Objects.requireNonNull(prompt, "prompt");
        }
    }

    /** The job fails here, and a restart begins here again. */
    record Failed(Failure failure) implements StepOutcome {
        public Failed {
            Objects.requireNonNull(failure, "failure");
        }
    }
}
