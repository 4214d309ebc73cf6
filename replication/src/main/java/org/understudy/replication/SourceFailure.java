package org.understudy.replication;

import java.io.IOException;
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

    static String describe(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** A call of the source's end. */
    @FunctionalInterface
    interface SourceCall<T> {
        T run() throws IOException;
    }
}
