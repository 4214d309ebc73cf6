package org.understudy.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.UUID;

/** The identity of a virtual machine: the UUID its hypervisor gave it, the same at both sites. */
public record VmId(@JsonValue UUID value) {
    public VmId {
        Objects.requireNonNull(value, "value");
    }

    /** A new random id. */
    public static VmId random() {
        return new VmId(UUID.randomUUID());
    }

    /** Parses the usual text of a UUID; throws {@link IllegalArgumentException} for anything else. */
    @JsonCreator
    public static VmId parse(String text) {
        return new VmId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
