package org.understudy.disk;

import java.io.IOException;
import java.util.List;
import org.understudy.disk.linux.StringHeader;

/**
 * Whether a write was refused because the file system, or the user's share of it, is full. Java hands the system's own
 * words on and not its number, and those are of the language that the service runs in; so they are compared with what
 * the system itself says of that number in this process.
 */
public final class DiskFull {
    private static final List<String> WORDS = List.of(
            StringHeader.strerror(StringHeader.ENOSPC), StringHeader.strerror(StringHeader.EDQUOT), "ENOSPC");

    private DiskFull() {
    }

    /** Whether a failure, or one that caused it, says so. */
    public static boolean isSaidBy(IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (WORDS.stream().anyMatch(message::contains)) {
                return true;
            }
        }
        return false;
    }
}
