package org.understudy.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.understudy.model.Failure;
import org.understudy.model.JobId;
import org.understudy.workflow.sql.JsonColumn;

/**
 * A job as it stands: one operation on one target (J-01).
 *
 * @param type the name of its {@link JobType}
 * @param startedBy who asked for it
 * @param input what was asked; never changes
 * @param notes what its steps have written down so far
 * @param currentStep index into {@code steps}
 * @param failure why it failed
 */
public record Job(
        JobId id, String type, JobTarget target, String startedBy, JsonNode input, ObjectNode notes, JobState state,
        int currentStep, List<JobStep> steps, Optional<Failure> failure, Instant createdAt, Optional<Instant> startedAt,
        Optional<Instant> endedAt, Set<JobAction> allowedActions) {
    public Job {
        steps = List.copyOf(steps);
        allowedActions = Set.copyOf(allowedActions);
    }

    /** The step it stands in; of an ended job the one it ended in. */
    public JobStep step() {
        return steps.get(currentStep);
    }

    /** The input as the record it was made from. */
    public <T> T input(Class<T> type) {
        try {
            return JsonColumn.mapper().treeToValue(input, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the input of job " + id + " is no " + type.getSimpleName(), e);
        }
    }
}
