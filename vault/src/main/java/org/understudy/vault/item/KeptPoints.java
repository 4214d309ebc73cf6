package org.understudy.vault.item;

import java.util.List;
import java.util.Optional;
import org.understudy.api.ReadinessError;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.RelationshipId;
import org.understudy.vault.fleet.Agent;

/**
 * The recovery points of items that stay until somebody lets them go by name, as the targets told last, and what they
 * stand in the way of. A point belongs to the host that was the target of its generation.
 */
public record KeptPoints(ItemSteps steps, ProgressStore progress) {
    /** Those of the direction in which the item goes now, oldest first. */
    public List<RecoveryPoint> of(ProtectedItem item) {
        return progress.of(item.id()).target().map(TargetProgress::held).map(held -> held.kept()).orElse(List.of());
    }

    /** The host that keeps a point, if the point is kept. NO_RECOVERY_POINT when the item never had its direction. */
    public Agent holder(ProtectedItem item, LogPosition point) {
        if (point.generation() == item.generation()) {
            return steps.targetAgent(item);
        }
        return steps.items().directions(item.id()).stream()
                .filter(direction -> direction.id().generation() == point.generation())
                .flatMap(direction -> direction.target().stream()).findFirst().map(steps.agents()::get)
                .orElseThrow(() -> FailureException.of(FailureCode.NO_RECOVERY_POINT,
                        "Item " + item.name() + " has no host with a point " + point));
    }

    /** Whether a point can be let go. */
    public Prerequisites check(ProtectedItem item, LogPosition point) {
        Agent holder = holder(item, point);
        return new Prerequisites()
                .add("The host that keeps the point is connected", holder.connected() ? Optional.empty()
                        : Optional.of(ReadinessError.of(FailureCode.AGENT_UNREACHABLE,
                                "the agent on host " + holder.name() + " does not answer")))
                .add("The agent there can let a point go", steps.agents().understands(holder,
                        new AgentCommand.LetPointGo(item.relationship(), point)) ? Optional.empty()
                        : Optional.of(ReadinessError.of(FailureCode.PROTOCOL_VIOLATED, "the agent on host "
                                + holder.name() + " is of a release that cannot; update it")))
                .add("The point is kept", !holder.connected() || isKept(item, holder, point) ? Optional.empty()
                        : Optional.of(ReadinessError.of(FailureCode.NO_RECOVERY_POINT, "point " + point + " of item "
                                + item.name() + " is not kept on host " + holder.name() + keptInstead(item))));
    }

    /** Of an earlier direction nobody tells what is kept; that it is there is all that can be asked. */
    private boolean isKept(ProtectedItem item, Agent holder, LogPosition point) {
        if (point.generation() == item.generation()) {
            return of(item).stream().anyMatch(kept -> kept.position().equals(point));
        }
        try {
            return steps.agents().points(holder, new RelationshipId(item.id(), point.generation()),
                    Optional.of(point), 1).stream().anyMatch(there -> there.position().equals(point));
        } catch (FailureException e) {
            if (e.failure().code() == FailureCode.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    private String keptInstead(ProtectedItem item) {
        List<String> kept = of(item).stream().map(point -> point.position().toString()).toList();
        return kept.isEmpty() ? "; none is" : "; kept is " + String.join(", ", kept);
    }

    /** That nothing is kept which would be deleted: {@code by} ends the sentence "would be deleted by". */
    public Prerequisites nothingIsLost(ProtectedItem item, String by) {
        return nothingIsLost(item, steps.targetAgent(item), of(item), by);
    }

    /** The same of the direction before, whose points are where the VM runs now. */
    public Prerequisites nothingIsLostOfTheDirectionBefore(ProtectedItem item, String by) {
        return nothingIsLost(item, steps.sourceAgent(item), progress.of(item.relationshipBefore()).target()
                .map(told -> told.held().kept()).orElse(List.of()), by);
    }

    private static Prerequisites nothingIsLost(ProtectedItem item, Agent at, List<RecoveryPoint> kept, String by) {
        return new Prerequisites().add("No point is kept that is nowhere else", kept.stream().findFirst()
                .map(point -> ReadinessError.of(FailureCode.STATE_FORBIDS, "point " + point.position() + " of item "
                        + item.name() + " is kept on host " + at.name() + ": what virtual machine "
                        + item.name() + " had written there until " + point.capturedAt() + " and is nowhere else. "
                        + "It would be deleted by " + by + ". If it is not wanted any more: understudy point let-go "
                        + item.name() + " " + point.position())));
    }

    /** What a person should know who looks at the item. */
    public List<String> warnings(ProtectedItem item) {
        return of(item).stream().map(point -> ("Recovery point %s of virtual machine '%s' is kept on host %s: what it "
                + "had written there until %s, when it ran elsewhere already, and is nowhere else. It takes room until "
                + "it is let go: understudy point let-go %s %s").formatted(point.position(), item.name(),
                        steps.targetAgent(item).name(), point.capturedAt(), item.name(), point.position())).toList();
    }
}
