package org.understudy.workflow;

/**
 * What a step does. Runs on a virtual thread and may block. It may be killed at any line and is then run again from its
 * beginning, so it leaves after two runs what one run leaves. A {@link org.understudy.model.FailureException} that it
 * throws is tried again if its kind says so, with growing pauses, and fails the job otherwise.
 */
@FunctionalInterface
public interface StepHandler {
    StepOutcome run(StepContext context);
}
