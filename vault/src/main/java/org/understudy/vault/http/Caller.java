package org.understudy.vault.http;

import java.util.Objects;

/** Who asks: the name of a token, and what it may do. */
public record Caller(String name, Role role) {
    public Caller {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(role, "role");
    }
}
