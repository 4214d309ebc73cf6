package org.understudy.disk;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.understudy.disk.linux.NativeFile;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/**
 * A raw disk image: byte n of the file is byte n of the disk, and what was never written takes no space.
 *
 * <p>Zeroing punches a hole and so gives space back; where the file system has no holes, zeroes are written instead.
 * The file's size is the disk's size and never changes.
 */
public final class RawFile implements BlockDevice {
    private static final int ZEROES_AT_ONCE = 1 << 20;

    private final Path path;
    private final ByteCount size;
    private final FileChannel channel;
    private final NativeFile nativeFile;

    private RawFile(Path path, ByteCount size, FileChannel channel, NativeFile nativeFile) {
        this.path = path;
        this.size = size;
        this.channel = channel;
        this.nativeFile = nativeFile;
    }

    /** Makes a file of zeroes that takes no space yet; it must not exist. File and folder are durable on return. */
    public static RawFile create(Path path, ByteCount size) throws IOException {
        try (FileChannel channel = PrivateFile.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            if (size.bytes() > 0) {
                try (NativeFile file = NativeFile.open(path, NativeFile.Access.READ_WRITE)) {
                    file.setLength(size);
                }
            }
            channel.force(true);
        }
        DurableFile.forceDirectory(path.toAbsolutePath().getParent());
        return open(path);
    }

    /** Opens a file that exists, to read and write. */
    public static RawFile open(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            return new RawFile(path, new ByteCount(channel.size()), channel,
                    NativeFile.open(path, NativeFile.Access.READ_WRITE));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public ByteCount size() {
        return size;
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        requireInside(offset, target.remaining());
        long at = offset;
        while (target.hasRemaining()) {
            int count = channel.read(target, at);
            if (count < 0) {
                throw new EOFException("%s ends at %d; its size was %d when it was opened".formatted(path, at,
                        size.bytes()));
            }
            at += count;
        }
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
        requireInside(offset, source.remaining());
        long at = offset;
        while (source.hasRemaining()) {
            at += channel.write(source, at);
        }
    }

    @Override
    public void zero(Extent extent) throws IOException {
        requireInside(extent.offset(), extent.length());
        if (nativeFile.punchHole(extent)) {
            return;
        }
        ByteBuffer zeroes = ByteBuffer.allocateDirect((int) Math.min(ZEROES_AT_ONCE, extent.length()));
        for (long at = extent.offset(); at < extent.end(); at += zeroes.limit()) {
            zeroes.clear().limit((int) Math.min(zeroes.capacity(), extent.end() - at));
            write(at, zeroes);
        }
    }

    @Override
    public void flush() throws IOException {
        channel.force(false);
    }

    /** What the file system has allocated. */
    @Override
    public List<Extent> allocated(Extent within) throws IOException {
        requireInside(within.offset(), within.length());
        List<Extent> found = new ArrayList<>();
        long at = within.offset();
        while (at < within.end()) {
            OptionalLong start = nativeFile.nextAllocated(at);
            if (start.isEmpty() || start.getAsLong() >= within.end()) {
                break;
            }
            long end = Math.min(nativeFile.nextHole(start.getAsLong()), within.end());
            found.add(new Extent(start.getAsLong(), end - start.getAsLong()));
            at = end;
        }
        return found;
    }

    @Override
    public void close() throws IOException {
        try (nativeFile) {
            channel.close();
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
