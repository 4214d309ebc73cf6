package org.understudy.replication;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.understudy.changelog.ChangeLogReader;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/**
 * A {@link Segment} that is a closed file on the source host.
 *
 * @param capture as the file's header tells it
 */
public record FileSegment(DiskName disk, LogPosition position, long capture, ByteCount length, Path file)
        implements Segment {
    public FileSegment {
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(length, "length");
        Objects.requireNonNull(file, "file");
    }

    /** The segment in {@code file}, as it is now. */
    public static FileSegment of(DiskName disk, LogPosition position, Path file) throws IOException {
        try (ChangeLogReader reader = ChangeLogReader.open(file)) {
            return new FileSegment(
                    disk, position, reader.header().capture(), new ByteCount(Files.size(file)), file);
        }
    }

    @Override
    public ReadableByteChannel openAt(long offset) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return channel.position(offset);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }
}
