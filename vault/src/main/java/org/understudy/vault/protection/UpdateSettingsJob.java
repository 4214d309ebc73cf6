package org.understudy.vault.protection;
import java.util.List;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.item.AutomaticJobs;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.RelationshipWords;
import org.understudy.vault.item.Relationships;
import org.understudy.workflow.JobType;
import org.understudy.workflow.StepContext;
import org.understudy.workflow.StepOutcome;
import org.understudy.workflow.StepType;

/** The job "Update replication settings": begun by itself when the policy or a host's address changed (PL-02). */
public final class UpdateSettingsJob {
    public static final String NAME = AutomaticJobs.UPDATE_SETTINGS;

    private final ItemSteps steps;
    private final Relationships relationships;

    public UpdateSettingsJob(ItemSteps steps, Relationships relationships) {
        this.steps = steps;
        this.relationships = relationships;
    }

    /** Nothing is asked. */
    public record Input() {}

    public JobType type() {
        return new JobType(NAME, List.of(
                StepType.cancellable("target", "Updating the target", this::tellTarget),
                StepType.cancellable("source", "Updating the source", this::tellSource)));
    }

    private StepOutcome tellTarget(StepContext step) {
        RelationshipWords words = words(step);
        if (!step.notes().has("told")) {
            // What is told from here on; settings that change meanwhile are the next job's.
            step.notes().put("told", words.changeable());
            step.keepNotes();
        }
        return steps.agents().ask(step, new Agents.Call(step.command(), words.target(), words.prepare()),
                done -> new StepOutcome.Done());
    }

    private StepOutcome tellSource(StepContext step) {
        RelationshipWords words = words(step);
        return steps.agents().ask(step, new Agents.Call(step.command(), words.source(), words.start()),
                done -> {
                    steps.items().told(words.item().relationship(), step.notes().get("told").asText());
                    return new StepOutcome.Done();
                });
    }

    private RelationshipWords words(StepContext step) {
        return relationships.words(steps.item(step));
    }
}
