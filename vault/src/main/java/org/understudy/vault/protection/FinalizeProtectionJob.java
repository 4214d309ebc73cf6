package org.understudy.vault.protection;

import java.util.List;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.item.Attachments;
import org.understudy.vault.item.AutomaticJobs;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectionState;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/** The job "Finalize protection on the virtual machine": begun by itself when initial replication is done (E-04). */
public final class FinalizeProtectionJob {
    public static final String NAME = AutomaticJobs.FINALIZE;

    private final ItemSteps steps;
    private final ProgressStore progress;
    private final Attachments attachments;

    public FinalizeProtectionJob(ItemSteps steps, ProgressStore progress, Attachments attachments) {
        this.steps = steps;
        this.progress = progress;
        this.attachments = attachments;
    }

    /** Nothing is asked. */
    public record Input() {}

    public JobType type() {
        return new JobType(NAME, List.of(
                StepType.of("prerequisites", "Prerequisites check for finalizing protection", this::prerequisites),
                StepType.of("networks", "Updating the network settings of the replica", this::networks),
                StepType.of("states", "Updating the provider states", this::updateStates)));
    }

    private StepOutcome prerequisites(StepContext step) {
        ProtectedItem item = steps.item(step);
        boolean startable = progress.of(item.id()).target()
                .filter(report -> report.held().count() > 0).isPresent();
        if (!startable) {
            throw FailureException.of(FailureCode.NO_RECOVERY_POINT,
                    "item " + item.name() + " has no recovery point yet");
        }
        return new StepOutcome.Done();
    }

    /** Adapters are attached when the replica starts; what the target host lacks for that is said now already. */
    private StepOutcome networks(StepContext step) {
        List<String> missing = attachments.missing(steps.item(step));
        if (!missing.isEmpty()) {
            step.progress(100, "the target host lacks network " + String.join(", ", missing)
                    + "; a failover will be refused until it has it or the mapping is changed");
        }
        return new StepOutcome.Done();
    }

    private StepOutcome updateStates(StepContext step) {
        return steps.move(step, ProtectionState.InitialReplication.class, ProtectionState.Protected.class,
                ProtectionState.InitialReplication::finalized);
    }
}
