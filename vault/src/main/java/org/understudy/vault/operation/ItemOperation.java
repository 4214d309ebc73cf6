package org.understudy.vault.operation;

import java.util.List;
import java.util.Optional;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.AutomaticJobs;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.JobSense;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.job.JobRule;
import org.understudy.workflow.Job;
import org.understudy.workflow.JobTarget;
import org.understudy.workflow.JobType;
import org.understudy.workflow.Jobs;

/**
 * One thing that people may ask of a protected item. Its route, its dry run, the word of the audit and the rule of its
 * job follow from it; in which states it is offered stands in {@code AllowedOperations}. The class of its job is it.
 *
 * @param <Q> what REST takes
 * @param <I> what the job is told: a record
 */
public interface ItemOperation<Q, I> {
    /** Its word, who may ask, and what REST takes. */
    Offer<Q> offer();

    /** Its job, by whose name the audit calls it. */
    JobType job();

    /** What the job is told; refuses with REQUEST_INVALID what nobody can mean. */
    I input(ProtectedItem item, Asked<Q> asked);

    /** What must hold beside the item's state. Asked for a dry run too: looks and changes nothing. */
    default Prerequisites checks(ProtectedItem item, I input) {
        return new Prerequisites();
    }

    /** What would be done, in order, for the dry run; what is lost by it stands here. */
    List<String> actions(ProtectedItem item, I input);

    /** What the audit keeps of the request beside the item's name. */
    default Optional<String> audited(Q request) {
        return Optional.empty();
    }

    /** Which job that is active on the item ends for it; what the vault began by itself stands in nobody's way. */
    default boolean givesWay(Job active) {
        return AutomaticJobs.contain(active);
    }

    /** Ends what gives way, within the transaction that starts the job. */
    default void makeWay(ProtectedItem item, Jobs jobs) {
        jobs.giveWay(ItemSteps.target(item), this::givesWay, given -> ended(item, given));
    }

    /** What people read of a job that gave way: what took its place, and what of it stays as it is. */
    default Failure ended(ProtectedItem item, Job given) {
        return FailureException.of(FailureCode.CANCELLED, given.type() + " on " + item.name() + " gave way to "
                + job().name() + ", which somebody asked for.").failure();
    }

    /** On what its job works: no two jobs have the same at once. */
    default JobTarget target(ProtectedItem item) {
        return ItemSteps.target(item);
    }

    /** When a job of it that ended may go on: as long as it might be begun, unless it says better. */
    default JobRule rule(JobSense sense) {
        return new JobRule(job().name(), offer().role(), sense.whileAllowed(offer().operation()));
    }
}
