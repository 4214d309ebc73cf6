package org.understudy.api;

import java.util.Objects;
import org.understudy.model.Failure;

/** The body of every answer that is no success. */
public record ErrorView(Failure error) {
    public ErrorView {
        Objects.requireNonNull(error, "error");
    }
}
