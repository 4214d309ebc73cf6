package org.understudy.workflow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;
import org.understudy.model.JobId;

/** What a step's handler knows of its job, and where it leaves what the next steps shall know. One run, one thread. */
public final class StepContext {
    private final Job job;
    private final Lease lease;
    private final JobStore store;
    private final Instant now;
    private final ObjectNode notes;

    StepContext(Job job, Lease lease, JobStore store, Instant now) {
        this.job = job;
        this.lease = lease;
        this.store = store;
        this.now = now;
        this.notes = job.notes();
    }

    public JobId jobId() {
        return job.id();
    }

    public JobTarget target() {
        return job.target();
    }

    /** Who asked for the job. */
    public String startedBy() {
        return job.startedBy();
    }

    /** The job's input as the record it was made from. */
    public <T> T input(Class<T> type) {
        return job.input(type);
    }

    /** The job's notes, to read and to change; persisted with the outcome of this run, or by {@link #keepNotes}. */
    public ObjectNode notes() {
        return notes;
    }

    /** Makes the notes durable now: for what must be decided once, before something is done by it. */
    public void keepNotes() {
        store.keepNotes(lease, notes);
    }

    /** Which attempt of the step this is, from 1; a run after a kill or a signal belongs to the same attempt. */
    public int attempt() {
        return job.step().attempt();
    }

    /** The id of the one command of this attempt of this step. */
    public CommandRef command() {
        return new CommandRef(job.id() + "/" + job.step().id() + attemptSuffix());
    }

    /** The id of one of several commands of this attempt of this step; {@code which} has 1 to 8 of [a-z0-9]. */
    public CommandRef command(String which) {
        return new CommandRef(job.id() + "/" + job.step().id() + "-" + which + attemptSuffix());
    }

    /** Whether somebody wants the job cancelled, so that waiting longer makes no sense. */
    public boolean isCancelRequested() {
        return store.find(job.id()).orElseThrow().state() == JobState.CANCELLING;
    }

    /** Tells how far the step is, 0 to 100, and what it does; shown at once. */
    public void progress(int percent, String note) {
        store.progress(lease, job.currentStep(), percent, note);
    }

    /** Tells what the step does or waits for; shown at once, and not written again when it is the same. */
    public void says(String note) {
        if (!job.step().note().equals(Optional.of(note))) {
            store.progress(lease, job.currentStep(), job.step().percent(), note);
        }
    }

    /** When this run began. */
    public Instant now() {
        return now;
    }

    private String attemptSuffix() {
        return attempt() <= 1 ? "" : "-" + attempt();
    }
}
