package org.understudy.changelog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;
import org.understudy.model.VmId;

/**
 * The first log that a process writes, verifies and reads, of made-up content in a file of its own, which it deletes.
 * The functions of zstd are bound when they are first called, which a new Java runtime does at the price of many small
 * classes; so the guest's first cycle, during which its scratch file grows, finds them bound.
 *
 * <p>4 MiB of disk and memory, for a fraction of a second; one thread.
 */
public final class LogWarmUp {
    private static final int BYTES = 4 << 20;
    private static final int LINE = 64;

    private final Path file;

    /** @param folder where its file is made; one that a kill left there is written over */
    public LogWarmUp(Path folder) {
        this.file = folder.resolve("warm-up.hrl");
    }

    /** Writes, verifies, reads, deletes. */
    public void run() throws IOException {
        Files.deleteIfExists(file);
        try {
            write();
            ChangeLogVerifier.resume(file);
            read();
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private void write() throws IOException {
        ByteCount size = new ByteCount(BYTES);
        ChangeLogHeader header = new ChangeLogHeader(VmId.random(), new DiskName("vda"), new LogPosition(1, 1), 0,
                size, size, Instant.EPOCH, Consistency.PARTIAL);
        try (ChangeLogWriter writer = ChangeLogWriter.create(file, header, Compression.ZSTD)) {
            writer.data(0, content());
            writer.finish();
        }
    }

    /** Compresses to half or so: what does not compress at all is stored as it is, and never decoded. */
    private static ByteBuffer content() {
        ByteBuffer content = ByteBuffer.allocateDirect(BYTES);
        for (int at = 0; at < BYTES; at += LINE) {
            content.putInt(at, at * 0x9E3779B1);
        }
        return content;
    }

    private void read() throws IOException {
        try (ChangeLogReader reader = ChangeLogReader.open(file)) {
            Optional<Frame> frame = reader.next();
            while (frame.isPresent()) {
                frame = reader.next();
            }
        }
    }
}
