package org.understudy.vault.job;

import java.util.function.Predicate;
import org.understudy.vault.http.Role;
import org.understudy.workflow.Job;

/**
 * What a feature says of one type of its jobs, beyond the steps.
 *
 * @param type the name of the job type
 * @param role who may start such a job, and so cancel, restart and resume it
 * @param mayRestart whether the facts that a failed one began with still hold, so that going on makes sense
 * @param mayResume whether a person may let a suspended one go on by itself; most are resumed by another job
 */
public record JobRule(String type, Role role, Predicate<Job> mayRestart, Predicate<Job> mayResume) {
    public JobRule(String type, Role role, Predicate<Job> mayRestart) {
        this(type, role, mayRestart, job -> false);
    }
}
