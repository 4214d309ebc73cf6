package org.understudy.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.UUID;

/** The identity of a replication policy. */
public record PolicyId(@JsonValue UUID value) {
    public PolicyId {
        Objects.requireNonNull(value, "value");
    }

    /** A new random id. */
    public static PolicyId random() {
        return new PolicyId(UUID.randomUUID());
    }

    /** Parses the usual text of a UUID; throws {@link IllegalArgumentException} for anything else. */
    @JsonCreator
    public static PolicyId parse(String text) {
        return new PolicyId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
