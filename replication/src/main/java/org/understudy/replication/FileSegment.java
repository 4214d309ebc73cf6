package org.understudy.replication;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/** A {@link Segment} that is a closed file on the source host. */
public record FileSegment(DiskName disk, LogPosition position, ByteCount length, Path file) implements Segment {
    public FileSegment {
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(length, "length");
        Objects.requireNonNull(file, "file");
    }

    /** The segment in {@code file}, with the length that it has now. */
    public static FileSegment of(DiskName disk, LogPosition position, Path file) throws IOException {
        return new FileSegment(disk, position, new ByteCount(Files.size(file)), file);
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
