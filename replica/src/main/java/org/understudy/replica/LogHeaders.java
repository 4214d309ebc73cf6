package org.understudy.replica;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.understudy.changelog.ChangeLogException;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogReader;
import org.understudy.changelog.ChangeLogVerifier;

/** Reads the headers of many logs with little memory, where nothing of their frames is wanted. */
final class LogHeaders {
    /** No header of any version is longer. */
    private static final int BYTES_MAX = 4096;

    private LogHeaders() {}

    static ChangeLogHeader read(Path log) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(BYTES_MAX);
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
            while (start.hasRemaining() && channel.read(start) >= 0) {
                continue;
            }
        }
        ChangeLogVerifier verifier = new ChangeLogVerifier(log.toString());
        try {
            verifier.accept(start.flip());
        } catch (ChangeLogException e) {
            if (verifier.header().isEmpty()) {
                throw e;
            }
        }
        if (verifier.header().isPresent()) {
            return verifier.header().get();
        }
        // Shorter than a header: the reader says so in its own words.
        try (ChangeLogReader reader = ChangeLogReader.open(log)) {
            return reader.header();
        }
    }
}
