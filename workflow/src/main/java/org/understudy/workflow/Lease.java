package org.understudy.workflow;

import org.understudy.model.JobId;

/**
 * A runner's right to run a job and to write what came of it, until another takes it over.
 *
 * @param generation of the lease; whoever holds an older one writes nothing
 * @param signals how many signals the job had had when its current step was begun
 */
record Lease(JobId job, String owner, long generation, long signals) {
    Lease withSignals(long now) {
        return new Lease(job, owner, generation, now);
    }

    /** Another runner has taken the job over: what this one was about to write is not written. */
    static final class Lost extends RuntimeException {
        private static final long serialVersionUID = 1;

        Lost(Lease lease) {
            super("lease " + lease.generation() + " of job " + lease.job() + " was taken over");
        }
    }
}
