package org.understudy.agent;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.understudy.command.AgentCommand;
import org.understudy.command.CommandOutcome;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.RelationshipId;

/**
 * The answers to commands that come too late: of a direction of an item that a later one has followed on this host.
 * What cleans up touches the earlier relationship alone and is carried out; what would make, move or start something is
 * not, whoever asks. For any thread.
 */
final class LateWords {
    private final ToLongFunction<ItemId> newest;
    private final Predicate<RelationshipId> replicas;

    /**
     * Of a host.
     *
     * @param newest the newest generation of an item that the host has a part in, as source or as target; 0 for none
     * @param replicas whether the host has a replica of a relationship
     */
    LateWords(ToLongFunction<ItemId> newest, Predicate<RelationshipId> replicas) {
        this.newest = Objects.requireNonNull(newest, "newest");
        this.replicas = Objects.requireNonNull(replicas, "replicas");
    }

    /** How a command ends that is late; empty when it is to be carried out. */
    Optional<CommandOutcome> answer(AgentCommand command) {
        return switch (command) {
            case AgentCommand.RefreshInventory _, AgentCommand.Question _, AgentCommand.Unknown _ -> Optional.empty();
            // Exactly theirs, and done when nothing of it is left.
            case AgentCommand.StopReplication _, AgentCommand.RemoveReplica _ -> Optional.empty();
            case AgentCommand.CleanUpTestFailover it -> withoutReplica(it.relationship());
            case AgentCommand.FenceReplica it -> withoutReplica(it.relationship());
            case AgentCommand.CommitFailover it -> withoutReplica(it.relationship());
            case AgentCommand.LetPointGo it -> withoutReplica(it.relationship());
            case AgentCommand.PrepareReplica it -> ignored(it.relationship());
            case AgentCommand.StartReplication it -> ignored(it.relationship());
            case AgentCommand.ResumeReplication it -> ignored(it.relationship());
            case AgentCommand.PauseReplication it -> ignored(it.relationship());
            case AgentCommand.ReleaseReplica it -> ignored(it.relationship());
            // A second running copy, or the shutdown of the only one, is what these would be.
            case AgentCommand.StartTestFailover it -> refused(it.relationship());
            case AgentCommand.FailOver it -> refused(it.relationship());
            case AgentCommand.StartMachine it -> refused(it.relationship());
            case AgentCommand.DiscardFailover it -> refused(it.relationship());
            case AgentCommand.FinishReplication it -> refused(it.relationship());
            case AgentCommand.ShutDownMachine it -> it.relationship().flatMap(this::refused);
        };
    }

    /** Whether a command is of an earlier direction than one that this host has a part in, carried out or not. */
    boolean isLate(AgentCommand command) {
        return command instanceof AgentCommand.ItemCommand it && later(it.relationship()).isPresent();
    }

    private Optional<CommandOutcome> withoutReplica(RelationshipId asked) {
        return replicas.test(asked) ? Optional.empty() : ignored(asked);
    }

    private Optional<CommandOutcome> ignored(RelationshipId asked) {
        return later(asked).map(later -> new CommandOutcome.Done(Optional.of(
                "Nothing was done: the item goes on in generation " + later + ", and this was asked of " + asked
                        + ".")));
    }

    private Optional<CommandOutcome> refused(RelationshipId asked) {
        return later(asked).map(later -> new CommandOutcome.Failed(FailureException.of(FailureCode.RELATIONSHIP_OVER,
                "The item goes on in generation " + later + " on this host, and this was asked of " + asked
                        + ": nothing was done.").failure()));
    }

    private Optional<Long> later(RelationshipId asked) {
        long known = newest.applyAsLong(asked.item());
        return known > asked.generation() ? Optional.of(known) : Optional.empty();
    }
}
