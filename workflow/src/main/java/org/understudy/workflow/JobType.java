package org.understudy.workflow;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A kind of job (J-07).
 *
 * @param name what people call it, "Test failover", and what it is found by; never changed once released
 * @param ended runs in the transaction in which a job of this type succeeds, fails or is cancelled; not where it gives
 *     way to another, which decides what becomes of what it left
 */
public record JobType(String name, List<StepType> steps, Consumer<Job> ended) {
    public JobType {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(ended, "ended");
        steps = List.copyOf(steps);
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("job type \"" + name + "\" has no step");
        }
        if (new HashSet<>(steps.stream().map(StepType::id).toList()).size() < steps.size()) {
            throw new IllegalArgumentException("job type \"" + name + "\" has two steps of one id");
        }
    }

    public JobType(String name, List<StepType> steps) {
        this(name, steps, job -> {});
    }
}
