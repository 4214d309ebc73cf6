package org.understudy.command;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** The identity of a command, {@code <job>/<step>}: the same on every attempt, so that an agent runs it once. */
public record CommandId(@JsonValue String value) {
    private static final Pattern LEGAL = Pattern.compile("[0-9a-f-]{36}/[a-z0-9-]{1,64}");

    @JsonCreator
    public CommandId {
        if (!LEGAL.matcher(value).matches()) {
            throw new IllegalArgumentException("command id \"" + value + "\" is not of the form job/step");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
