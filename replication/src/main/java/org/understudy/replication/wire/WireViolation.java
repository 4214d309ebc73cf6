package org.understudy.replication.wire;

import java.io.IOException;

/** The peer sent what the protocol does not allow: told, counted and never worked around. */
final class WireViolation extends IOException {
    private static final long serialVersionUID = 1;

    WireViolation(String message) {
        super(message);
    }

    WireViolation(String message, Throwable cause) {
        super(message, cause);
    }
}
