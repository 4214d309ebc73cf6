package org.understudy.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.UUID;

/** The identity of a cloud: a named set of hosts of one site. */
public record CloudId(@JsonValue UUID value) {
    public CloudId {
        Objects.requireNonNull(value, "value");
    }

    /** A new random id. */
    public static CloudId random() {
        return new CloudId(UUID.randomUUID());
    }

    /** Parses the usual text of a UUID; throws {@link IllegalArgumentException} for anything else. */
    @JsonCreator
    public static CloudId parse(String text) {
        return new CloudId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
