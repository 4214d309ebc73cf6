package org.understudy.vault.operation;

import java.util.function.Supplier;
import org.understudy.api.DryRunView;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.ItemActivity;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.workflow.Job;
import org.understudy.workflow.Jobs;

/** Where operations on items are begun, or told what they would do: the same for all. */
public final class OperationDesk {
    private final ItemSteps steps;
    private final ItemActivity activity;
    private final Jobs jobs;

    public OperationDesk(ItemSteps steps, ItemActivity activity, Jobs jobs) {
        this.steps = steps;
        this.activity = activity;
        this.jobs = jobs;
    }

    /**
     * Looks whether the operation's job may begin, outside of any transaction, for the checks may ask an agent; what is
     * returned begins it, in place of one that gives way. The state is looked at twice: the checks take time, in which
     * somebody else may have begun what an operation that met it would fail of behind its fence.
     */
    <Q, I> Supplier<Job> prepare(ItemOperation<Q, I> operation, ProtectedItem item, Asked<Q> asked) {
        activity.requireAllowed(item, operation.offer().operation());
        I input = operation.input(item, asked);
        operation.checks(item, input).require(steps.clock().instant());
        return () -> steps.database().transact(() -> {
            operation.makeWay(item, jobs);
            activity.requireAllowed(steps.items().get(item.id()), operation.offer().operation());
            return jobs.start(operation.job(), operation.target(item), input, asked.actor());
        });
    }

    /** What the operation would do; changes nothing. */
    <Q, I> DryRunView rehearse(ItemOperation<Q, I> operation, ProtectedItem item, Asked<Q> asked) {
        I input = operation.input(item, asked);
        Prerequisites checks = activity.check(item, operation.offer().operation()).and(operation.checks(item, input));
        return checks.dryRun(operation.job().name(), operation.actions(item, input), steps.clock().instant());
    }
}
