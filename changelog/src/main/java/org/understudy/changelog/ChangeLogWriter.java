package org.understudy.changelog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.understudy.disk.PrivateFile;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/**
 * Writes one new log from its header to its footer.
 *
 * <p>Order: offsets ascend and do not overlap; a call that breaks this is refused with {@link IllegalArgumentException}
 * and writes nothing. Threads: one. Durability: none before {@link #finish} returns; then the bytes are durable and the
 * file's name is not: {@link LogDirectory#close} sees to that. Errors: after an {@link IOException} the file is
 * torn and can only be closed and discarded.
 */
public final class ChangeLogWriter implements AutoCloseable {
    /** Small frames are gathered before they are written. */
    private static final int GATHERED_BYTES = 256 << 10;

    private final Path file;
    private final ChangeLogHeader header;
    private final FileChannel channel;
    private final FrameEncoder encoder;
    private final FrameOrder order;
    private final CRC32C fileChecksum = new CRC32C();
    private final ByteBuffer gathered = ByteBuffer.allocateDirect(GATHERED_BYTES);
    private ByteBuffer encoded;
    private ByteBuffer copied;
    private long fileBytes;
    private boolean finished;

    private ChangeLogWriter(Path file, ChangeLogHeader header, FileChannel channel, FrameEncoder encoder) {
        this.file = file;
        this.header = header;
        this.channel = channel;
        this.encoder = encoder;
        this.order = new FrameOrder(header.diskSize().bytes());
    }

    /** Makes the file, which must not exist, with its header. */
    public static ChangeLogWriter create(Path file, ChangeLogHeader header, Compression compression)
            throws IOException {
        FileChannel channel = PrivateFile.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        ChangeLogWriter writer = new ChangeLogWriter(file, header, channel, new FrameEncoder(compression));
        writer.put(LogFormat.encode(header));
        return writer;
    }

    public Path file() {
        return file;
    }

    public ChangeLogHeader header() {
        return header;
    }

    /** How long the file is so far, counting what is still gathered in memory. */
    public ByteCount fileBytes() {
        return new ByteCount(fileBytes);
    }

    /** What the disk holds from {@code offset} on: all that remains in {@code bytes}, split into frames as needed. */
    public void data(long offset, ByteBuffer bytes) throws IOException {
        if (!bytes.hasRemaining()) {
            return;
        }
        require(new Extent(offset, bytes.remaining()));
        if (encoded == null) {
            encoded = ByteBuffer.allocateDirect(FrameEncoder.encodedLengthMax(LogFormat.DATA_LENGTH_MAX));
        }
        long at = offset;
        while (bytes.hasRemaining()) {
            int length = Math.min(bytes.remaining(), LogFormat.DATA_LENGTH_MAX);
            ByteBuffer piece = bytes.slice(bytes.position(), length);
            encoder.data(at, piece.isDirect() ? piece : copyOf(piece), encoded.clear());
            append(encoded.flip());
            bytes.position(bytes.position() + length);
            at += length;
        }
    }

    /** The disk holds zeroes there. */
    public void zero(Extent extent) throws IOException {
        require(extent);
        ByteBuffer head = ByteBuffer.allocate(LogFormat.FRAME_HEAD_BYTES);
        for (long at = extent.offset(); at < extent.end(); at += LogFormat.ZERO_LENGTH_MAX) {
            FrameEncoder.zero(new Extent(at, Math.min(LogFormat.ZERO_LENGTH_MAX, extent.end() - at)), head.clear());
            append(head.flip());
        }
    }

    /** One frame that a {@link FrameEncoder} made; it must remain in {@code frame} whole and alone. */
    public void append(ByteBuffer frame) throws IOException {
        FrameHead head = FrameHead.decode(file.toString(), fileBytes, frame);
        if (frame.remaining() != LogFormat.FRAME_HEAD_BYTES + head.storedLength()) {
            throw new IllegalArgumentException("a frame of %d bytes came as %d".formatted(
                    LogFormat.FRAME_HEAD_BYTES + head.storedLength(), frame.remaining()));
        }
        require(head.extent());
        put(frame);
        order.add(head.kind() == LogFormat.KIND_DATA, head.extent());
    }

    /** Writes the footer and forces the file; nothing can be added afterwards. */
    public ChangeLogSummary finish() throws IOException {
        requireUnfinished();
        put(Footer.encode(order, fileChecksum));
        writeGathered();
        channel.force(true);
        finished = true;
        return new ChangeLogSummary(new ByteCount(order.dataBytes()), new ByteCount(order.zeroBytes()),
                new ByteCount(fileBytes), order.frames());
    }

    /** Releases the file; without {@link #finish} before, it is torn. */
    @Override
    public void close() throws IOException {
        try (channel) {
            encoder.close();
        }
    }

    private void require(Extent extent) {
        requireUnfinished();
        if (!order.allows(extent)) {
            throw new IllegalArgumentException("frame at %d of %d bytes does not lie within %s of %s".formatted(
                    extent.offset(), extent.length(), order.allowed(), file));
        }
    }

    private void requireUnfinished() {
        if (finished) {
            throw new IllegalStateException(file + " is finished");
        }
    }

    private void put(ByteBuffer bytes) throws IOException {
        fileChecksum.update(bytes.duplicate());
        fileBytes += bytes.remaining();
        if (bytes.remaining() > gathered.remaining()) {
            writeGathered();
        }
        if (bytes.remaining() > gathered.remaining()) {
            write(bytes);
        } else {
            gathered.put(bytes);
        }
    }

    private void writeGathered() throws IOException {
        write(gathered.flip());
        gathered.clear();
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private ByteBuffer copyOf(ByteBuffer piece) {
        if (copied == null) {
            copied = ByteBuffer.allocateDirect(LogFormat.DATA_LENGTH_MAX);
        }
        return copied.clear().put(piece).flip();
    }
}
