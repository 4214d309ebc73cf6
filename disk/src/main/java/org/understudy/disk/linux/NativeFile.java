package org.understudy.disk.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.understudy.disk.FileTooLargeException;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/**
 * An open file descriptor for what a {@code FileChannel} cannot do: punch holes, find them, set a length
 * without writing.
 *
 * <p>Threads: any number. {@link #close()} waits for calls at work, so that a descriptor number is never used after the
 * kernel gave it to another file. Errors name the call, its arguments, the path and errno.
 */
public final class NativeFile implements AutoCloseable {
    /** What the descriptor may be used for. */
    public enum Access { READ_ONLY, READ_WRITE }

    private final Path path;
    private final int descriptor;
    private final ReentrantReadWriteLock closing = new ReentrantReadWriteLock();
    private boolean closed;

    private NativeFile(Path path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    /** Opens a file that exists; the descriptor is not inherited by child processes. */
    public static NativeFile open(Path path, Access access) throws IOException {
        int flags = FcntlHeader.O_CLOEXEC | switch (access) {
            case READ_ONLY -> FcntlHeader.O_RDONLY;
            case READ_WRITE -> FcntlHeader.O_RDWR;
        };
        CallResult result = FcntlHeader.open(path.toString(), flags);
        return new NativeFile(path, (int) result.orThrow(path, "open"));
    }

    /** Makes the file so long; new bytes are a hole. */
    public void setLength(ByteCount length) throws IOException {
        CallResult result = call(() -> UnistdHeader.ftruncate(descriptor, length.bytes()));
        // A file system may say either of a length that it cannot count to.
        if (result.failedWith(ErrnoHeader.EFBIG) || result.failedWith(ErrnoHeader.EINVAL)) {
            throw new FileTooLargeException(path, "a file cannot have " + length.bytes() + " bytes here");
        }
        result.orThrow(path, "ftruncate(" + length.bytes() + ")");
    }

    /** Turns the extent into a hole without changing the length; false when this file system has no holes. */
    public boolean punchHole(Extent extent) throws IOException {
        CallResult result = call(() -> FcntlHeader.fallocate(descriptor,
                FcntlHeader.FALLOC_FL_PUNCH_HOLE | FcntlHeader.FALLOC_FL_KEEP_SIZE, extent.offset(), extent.length()));
        if (result.failedWith(ErrnoHeader.EOPNOTSUPP) || result.failedWith(ErrnoHeader.ENOSYS)) {
            return false;
        }
        result.orThrow(path, "fallocate(PUNCH_HOLE, %d, %d)".formatted(extent.offset(), extent.length()));
        return true;
    }

    /** The first allocated byte at or after {@code offset}; empty when only a hole follows. */
    public OptionalLong nextAllocated(long offset) throws IOException {
        CallResult result = call(() -> UnistdHeader.lseek(descriptor, offset, UnistdHeader.SEEK_DATA));
        if (result.failedWith(ErrnoHeader.ENXIO)) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(result.orThrow(path, "lseek(" + offset + ", SEEK_DATA)"));
    }

    /** The first byte of a hole at or after {@code offset}; the end of the file counts as one. */
    public long nextHole(long offset) throws IOException {
        return call(() -> UnistdHeader.lseek(descriptor, offset, UnistdHeader.SEEK_HOLE))
                .orThrow(path, "lseek(" + offset + ", SEEK_HOLE)");
    }

    @Override
    public void close() throws IOException {
        closing.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                UnistdHeader.close(descriptor).orThrow(path, "close");
            }
        } finally {
            closing.writeLock().unlock();
        }
    }

    private CallResult call(Call call) throws IOException {
        closing.readLock().lock();
        try {
            if (closed) {
                throw new IOException(path + " is closed");
            }
            return call.make();
        } finally {
            closing.readLock().unlock();
        }
    }

    private interface Call {
        CallResult make();
    }
}
