package org.understudy.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.UUID;

/** The identity of a site (a fabric, in the REST of the seeds). */
public record SiteId(@JsonValue UUID value) {
    public SiteId {
        Objects.requireNonNull(value, "value");
    }

    /** A new random id. */
    public static SiteId random() {
        return new SiteId(UUID.randomUUID());
    }

    /** Parses the usual text of a UUID; throws {@link IllegalArgumentException} for anything else. */
    @JsonCreator
    public static SiteId parse(String text) {
        return new SiteId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
