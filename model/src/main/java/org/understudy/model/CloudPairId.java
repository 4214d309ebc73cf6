package org.understudy.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.UUID;

/** The identity of a cloud pair: what a cloud's VMs may replicate to, and by which policy. */
public record CloudPairId(@JsonValue UUID value) {
    public CloudPairId {
        Objects.requireNonNull(value, "value");
    }

    /** A new random id. */
    public static CloudPairId random() {
        return new CloudPairId(UUID.randomUUID());
    }

    /** Parses the usual text of a UUID; throws {@link IllegalArgumentException} for anything else. */
    @JsonCreator
    public static CloudPairId parse(String text) {
        return new CloudPairId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
