package org.understudy.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.UUID;

/** The identity of a vault; a registration key names the one vault that made it. */
public record VaultId(@JsonValue UUID value) {
    public VaultId {
        Objects.requireNonNull(value, "value");
    }

    /** A new random id. */
    public static VaultId random() {
        return new VaultId(UUID.randomUUID());
    }

    /** Parses the usual text of a UUID; throws {@link IllegalArgumentException} for anything else. */
    @JsonCreator
    public static VaultId parse(String text) {
        return new VaultId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
