package org.understudy.workflow;

import java.time.Duration;
import java.util.Objects;

/**
 * How a {@link JobRunner} works.
 *
 * @param owner its name in leases; another in each process
 * @param lease how long a killed runner's jobs stay untouched; renewed after each third of it
 * @param jobsAtOnce how many jobs run at the same time
 */
public record RunnerConfig(String owner, Duration lease, int jobsAtOnce, Backoff backoff) {
    public RunnerConfig {
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(backoff, "backoff");
        if (lease.compareTo(Duration.ofMillis(300)) < 0 || jobsAtOnce < 1) {
            throw new IllegalArgumentException("a lease of " + lease + " for " + jobsAtOnce + " jobs at once");
        }
    }

    /** A runner with a lease of 15 seconds and up to 32 jobs at once. */
    public static RunnerConfig named(String owner) {
        return new RunnerConfig(owner, Duration.ofSeconds(15), 32, Backoff.USUAL);
    }
}
