package org.understudy.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.UUID;

/** The identity of a protected item: one VM's protection, in either direction, until it is disabled. */
public record ItemId(@JsonValue UUID value) {
    public ItemId {
        Objects.requireNonNull(value, "value");
    }

    /** A new random id. */
    public static ItemId random() {
        return new ItemId(UUID.randomUUID());
    }

    /** Parses the usual text of a UUID; throws {@link IllegalArgumentException} for anything else. */
    @JsonCreator
    public static ItemId parse(String text) {
        return new ItemId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
