package org.understudy.vault.job;

import java.time.Clock;
import java.util.function.UnaryOperator;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.vault.network.Attachments;
import org.understudy.vault.policy.CloudPair;
import org.understudy.vault.policy.Policy;
import org.understudy.vault.protection.ProtectedItem;
import org.understudy.vault.protection.ProtectionState;
import org.understudy.vault.protection.RelationshipWords;
import org.understudy.workflow.JobTarget;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;

/** What the steps of all jobs on a protected item have in common: the stores, the agents, the clock, and the item. */
public record ItemSteps(Stores stores, Agents agents, Clock clock) {
    /** The kind of target of jobs on an item; the cleaning of its test failover is a target of its own. */
    public static final String ITEM = "item";
    /** The kind of target of a clean-up, which happens while the job of the test waits for it. */
    public static final String TEST = "test-failover";

    private static final StepOutcome DONE = new StepOutcome.Done();

    /** The target of a job on an item. */
    public static JobTarget target(ProtectedItem item) {
        return new JobTarget(ITEM, item.id().toString(), item.name());
    }

    /** The target of a clean-up of its test failover. */
    public static JobTarget testTarget(ProtectedItem item) {
        return new JobTarget(TEST, item.id().toString(), item.name());
    }

    /** The item that a step's job works on, or NOT_FOUND when it is gone. */
    public ProtectedItem item(StepContext step) {
        return stores.items().get(step.target().id());
    }

    public Agent source(ProtectedItem item) {
        return agents.get(item.route().source());
    }

    public Policy policy(ProtectedItem item) {
        CloudPair pair = stores.pairs().get(item.route().pair().toString());
        return stores.policies().get(pair.policy().toString());
    }

    /** What both agents are told of the item's relationship. */
    public RelationshipWords words(ProtectedItem item) {
        return new RelationshipWords(item, source(item), agents.get(item.route().target()), policy(item));
    }

    public Attachments attachments() {
        return new Attachments(stores);
    }

    /** Moves the item to another state, durably; nothing when it is there already, so that a step may run twice. */
    public StepOutcome move(StepContext step, UnaryOperator<ProtectionState> transition) {
        stores.database().transact(() -> {
            ProtectedItem item = stores.items().lock(ItemId.parse(step.target().id()));
            ProtectionState next = transition.apply(item.state());
            if (!next.equals(item.state())) {
                stores.items().replace(item.with(next), item.version(), "job=" + step.jobId(), clock.instant());
            }
        });
        return DONE;
    }

    /** The refusal of a transition from a state in which it is not legal: somebody else has moved the item. */
    public static FailureException illegal(StepContext step, ProtectionState state) {
        return FailureException.of(FailureCode.STATE_FORBIDS, "item " + step.target().name() + " is in state "
                + state.name() + ", in which this job cannot go on");
    }
}
