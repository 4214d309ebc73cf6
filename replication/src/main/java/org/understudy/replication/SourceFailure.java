package org.understudy.replication;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** The words for an {@link IOException} of the source's own host, as apart from one of the link. */
final class SourceFailure {
    private SourceFailure() {}

    /** {@code doing} ends the words "The source failed at". */
    static Failure of(String doing, IOException e) {
        return FailureException.of(FailureCode.SOURCE_IO_FAILED,
                "The source failed at " + doing + ": " + describe(e)).failure();
    }

    /** Runs a call of the source's end within a turn whose other failures are the link's. */
    static <T> T guard(String doing, SourceCall<T> call) throws IOException {
        try {
            return call.run();
        } catch (IOException e) {
            throw new FailureException(of(doing, e), e);
        }
    }

    /** The words of the first in the chain of causes that has any: a class name tells a person nothing. */
    static String describe(IOException e) {
        Throwable last = e;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            boolean onlyNamesItsCause = cause.getCause() != null
                    && cause.getCause().toString().equals(cause.getMessage());
            if (cause.getMessage() != null && !cause.getMessage().isBlank() && !onlyNamesItsCause) {
                return cause.getMessage();
            }
            last = cause;
        }
        return switch (last) {
            case ClosedByInterruptException _ -> "it was interrupted";
            case EOFException _ -> "the connection was closed by the other side";
            case ClosedChannelException _ -> "the connection was closed";
            case Throwable _ -> "the system gave no reason";
        };
    }

    /** A call of the source's end. */
    @FunctionalInterface
    interface SourceCall<T> {
        T run() throws IOException;
    }
}
