package org.understudy.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.UUID;

/** The identity of one agent, and so of the host it runs on: given by the vault at registration, in its certificate. */
public record HostId(@JsonValue UUID value) {
    public HostId {
        Objects.requireNonNull(value, "value");
    }

    /** A new random id. */
    public static HostId random() {
        return new HostId(UUID.randomUUID());
    }

    /** Parses the usual text of a UUID; throws {@link IllegalArgumentException} for anything else. */
    @JsonCreator
    public static HostId parse(String text) {
        return new HostId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
