package org.understudy.workflow;

/** The states of jobs and of their steps (J-02); only a step is ever skipped, only a job is ever cancelling. */
public enum JobState {
    NOT_STARTED, IN_PROGRESS, SUCCEEDED, FAILED, CANCELLED, SUSPENDED, CANCELLING, SKIPPED;

    /** Whether nothing more happens unless somebody asks for a restart. */
    public boolean isEnded() {
        return switch (this) {
            case NOT_STARTED, IN_PROGRESS, SUSPENDED, CANCELLING -> false;
            case SUCCEEDED, FAILED, CANCELLED, SKIPPED -> true;
        };
    }
}
