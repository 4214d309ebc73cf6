package org.understudy.agent.local;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.understudy.command.CommandOutcome.MachineStarted;
import org.understudy.command.HeldRole.Deed;
import org.understudy.model.Failure;
import org.understudy.model.RecoveryPoint;

/** The words between a person's command and the agent that runs at the same host: one JSON object each way, a line. */
public final class LocalWords {
    /** One request, in characters. */
    static final int REQUEST_MAX = 16 * 1024;

    private LocalWords() {}

    /**
     * What is asked.
     *
     * @param vm by name or UUID; empty for a list of all
     * @param point as {@code latest} or {@code 1-42}
     * @param network where all adapters go, instead of where the vault told last; {@code none} for nowhere
     * @param force although the vault answers, or the source sent a moment ago
     * @param deed who does it and why; empty to be told what would be done
     */
    public record Request(
            Optional<String> vm, String point, Optional<String> network, boolean force, Optional<Deed> deed) {
        public Request {
            Objects.requireNonNull(vm, "vm");
            Objects.requireNonNull(point, "point");
            Objects.requireNonNull(network, "network");
            Objects.requireNonNull(deed, "deed");
        }
    }

    /**
     * What is answered.
     *
     * @param failure why nothing was done
     * @param started the VM, when it was done
     */
    public record Answer(Optional<Failure> failure, List<Candidate> candidates, Optional<MachineStarted> started) {
        public Answer {
            failure = Objects.requireNonNullElse(failure, Optional.empty());
            candidates = List.copyOf(candidates);
            started = Objects.requireNonNullElse(started, Optional.empty());
        }
    }

    /**
     * A VM whose replica is here.
     *
     * @param newest of its recovery points
     * @param obstacles what forbids its failover from the point that is asked for
     * @param doubts what forbids it unless it is forced
     * @param plan what is done, in order
     */
    public record Candidate(
            String vm, String name, int points, Optional<RecoveryPoint> newest, List<String> obstacles,
            List<String> doubts, List<String> plan) {
        public Candidate {
            Objects.requireNonNull(vm, "vm");
            Objects.requireNonNull(name, "name");
            newest = Objects.requireNonNullElse(newest, Optional.empty());
            obstacles = List.copyOf(obstacles);
            doubts = List.copyOf(doubts);
            plan = List.copyOf(plan);
        }
    }
}
