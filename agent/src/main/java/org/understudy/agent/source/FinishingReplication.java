package org.understudy.agent.source;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.understudy.agent.Pause;
import org.understudy.agent.vault.CommandProgress;
import org.understudy.command.AgentCommand.FinishReplication;
import org.understudy.command.CommandOutcome;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.RelationshipId;
import org.understudy.replication.HashRequest;
import org.understudy.replication.SourceStanding;
import org.understudy.replication.Trouble;

/**
 * What waits until the target has all that a VM that is shut off has written, and answers with the position that holds
 * it. The replication's own loops do the work, as after every shutdown; nothing is changed but for them, so that asking
 * again is fine and there is nothing to take back. Where nobody noted what the VM wrote last they cover its disks anew
 * as they lie, which takes as long as to read them. Any thread.
 */
public final class FinishingReplication {
    /** So long nothing may get on: the longest pause of the loops and a slow answer. */
    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    /** Two seconds: a VM that has just been shut off may not be seen so at once, and a link may come back. */
    private static final int LOOKS_BETWEEN_NUDGES = 10;

    private final SourceReplications sources;
    private final Hypervisor hypervisor;
    private final Clock clock;
    private final Pause pause;

    public FinishingReplication(SourceReplications sources, Hypervisor hypervisor, Clock clock, Pause pause) {
        this.sources = sources;
        this.hypervisor = hypervisor;
        this.clock = clock;
        this.pause = pause;
    }

    /**
     * Waits for as long as it gets on.
     *
     * @throws FailureException SOURCE_STILL_RUNNING when the VM is not shut off, or its memory is saved;
     *     REPLICATION_PAUSED; the trouble of the loops, when they stand still
     */
    public CommandOutcome finish(FinishReplication asked) throws IOException {
        sources.require(asked.relationship()).resume();
        CommandProgress.says(() -> words(asked.relationship()));
        Progress last = null;
        Instant since = clock.instant();
        int looks = 0;
        while (true) {
            Replication replication = sources.require(asked.relationship());
            SourceState state = replication.source().state();
            String imprint = requireOff(replication.relationship());
            if (state.isFinished(imprint, replication.relationship())) {
                return new CommandOutcome.Finished(state.acknowledged().position());
            }
            requireNotPaused(replication.relationship());
            Progress now = new Progress(state.captured(), state.acknowledged(), replication.sent().bytes(),
                    replication.source().standing().wanted());
            if (!now.equals(last) || replication.source().isCapturing()) {
                last = now;
                since = clock.instant();
            }
            Optional<Trouble> trouble = replication.trouble();
            if (trouble.filter(Trouble::halts).isPresent() || pause.isOver()
                    || clock.instant().isAfter(since.plus(PATIENCE))) {
                throw stuck(replication.relationship(), trouble);
            }
            if (++looks % LOOKS_BETWEEN_NUDGES == 0) {
                replication.nudge();
            }
            pause.await(LOOK_AGAIN);
        }
    }

    private String words(RelationshipId relationship) {
        Replication replication = sources.require(relationship);
        try {
            SourceStanding standing = replication.source().standing();
            return replication.source().state().anew().map(why ->
                    "covers the disks anew as they lie, %s of %s so far: %s".formatted(
                            standing.covered(), standing.total(), why)).orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    /** What changes as long as it gets on. */
    private record Progress(
            SourceState.Cycle captured, SourceState.Cycle acknowledged, long sent, Optional<HashRequest> wanted) {}

    private String requireOff(Relationship relationship) throws IOException {
        return hypervisor.imprint(relationship.vm(), relationship.disks().keySet()).orElseThrow(() ->
                FailureException.of(FailureCode.SOURCE_STILL_RUNNING, "VM " + relationship.vmName() + " is not shut off"
                        + " at its source, so that what it writes last cannot be captured.",
                        "Shut it down in good order, and start the failover again."));
    }

    private static void requireNotPaused(Relationship relationship) {
        if (relationship.paused().isPresent()) {
            throw FailureException.of(FailureCode.REPLICATION_PAUSED, "Replication of VM " + relationship.vmName()
                    + " is paused by " + relationship.paused().get().by() + ".");
        }
    }

    private static FailureException stuck(Relationship relationship, Optional<Trouble> trouble) {
        return trouble.filter(met -> met.failure().code() != FailureCode.VM_NOT_RUNNING)
                .map(met -> met.failure().asException())
                .orElseGet(() -> FailureException.of(FailureCode.BUSY, "What VM " + relationship.vmName()
                        + " wrote last did not reach the target: nothing of it got on for " + PATIENCE.toSeconds()
                        + " s."));
    }
}
