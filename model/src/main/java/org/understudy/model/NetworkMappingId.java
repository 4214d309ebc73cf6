package org.understudy.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.UUID;

/** The identity of a network mapping. */
public record NetworkMappingId(@JsonValue UUID value) {
    public NetworkMappingId {
        Objects.requireNonNull(value, "value");
    }

    /** A new random id. */
    public static NetworkMappingId random() {
        return new NetworkMappingId(UUID.randomUUID());
    }

    /** Parses the usual text of a UUID; throws {@link IllegalArgumentException} for anything else. */
    @JsonCreator
    public static NetworkMappingId parse(String text) {
        return new NetworkMappingId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
