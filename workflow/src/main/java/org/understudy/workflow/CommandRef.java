package org.understudy.workflow;

import java.util.Objects;

/**
 * What a step waits for elsewhere, {@code <job>/<step>}; a later attempt of the step has another,
 * {@code <job>/<step>-2}.
 */
public record CommandRef(String value) {
    public CommandRef {
        Objects.requireNonNull(value, "value");
    }

    @Override
    public String toString() {
        return value;
    }
}
