package org.understudy.hypervisor;

import java.io.IOException;

/** The hypervisor cannot be reached, or was lost in the middle of a call; the next call tries again. */
public final class HypervisorAwayException extends IOException {
    private static final long serialVersionUID = 1;

    public HypervisorAwayException(String message, Throwable cause) {
        super(message, cause);
    }
}
