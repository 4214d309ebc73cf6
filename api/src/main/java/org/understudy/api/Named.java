package org.understudy.api;

import java.util.Objects;

/** A reference to an object, with its name for people; names are unique within their kind. */
public record Named<I>(I id, String name) {
    public Named {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
    }

    @Override
    public String toString() {
        return name;
    }
}
