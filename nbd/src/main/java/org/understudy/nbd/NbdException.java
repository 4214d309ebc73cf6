package org.understudy.nbd;

import java.io.IOException;

/** A server that refused a request, or broke the protocol; the message names export, request and answer. */
public final class NbdException extends IOException {
    private static final long serialVersionUID = 1;

    NbdException(String message) {
        super(message);
    }

    static String nameOf(int error) {
        return switch (error) {
            case 1 -> "EPERM";
            case 5 -> "EIO";
            case 12 -> "ENOMEM";
            case 22 -> "EINVAL";
            case 28 -> "ENOSPC";
            case 75 -> "EOVERFLOW";
            case 95 -> "ENOTSUP";
            case 108 -> "ESHUTDOWN";
            default -> "error " + Integer.toUnsignedString(error);
        };
    }
}
