package org.understudy.changelog;

import java.io.IOException;

/** A log that cannot be read: written by another version, or damaged. The message has file, offset and facts. */
public final class ChangeLogException extends IOException {
    private static final long serialVersionUID = 1;

    private final Reason reason;
    private final long offset;

    ChangeLogException(Reason reason, String log, long offset, String fact) {
        super("change log %s at offset %d: %s".formatted(log, offset, fact));
        this.reason = reason;
        this.offset = offset;
    }

    static ChangeLogException corrupt(String log, long offset, String what, Object expected, Object found) {
        return new ChangeLogException(Reason.CORRUPT, log, offset,
                "%s: expected %s, found %s".formatted(what, expected, found));
    }

    public Reason reason() {
        return reason;
    }

    /** The byte of the file at which the wrong field begins. */
    public long offset() {
        return offset;
    }

    /** The three answers of a reader that cannot read. */
    public enum Reason { TOO_OLD, TOO_NEW, CORRUPT }
}
