package org.understudy.changelog;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Reads a closed log from front to back and believes nothing: every frame's checksum before it is handed out, the
 * footer and the file's checksum before the end is told.
 *
 * <p>A consumer that must not act on half a log reads to the end first, or has a {@link ChangeLogVerifier}'s word.
 * Threads: one. Memory: about 3 MiB, whatever the file claims. Errors: {@link ChangeLogException} for anything that is
 * not a whole, undamaged log of version 1; after it nothing can be read.
 */
public final class ChangeLogReader implements AutoCloseable {
    private static final int INPUT_BYTES = 2 << 20;
    /** Enough for small logs: going back over thousands of them must not mean gigabytes of fresh buffers. */
    private static final int FIRST_INPUT_BYTES = 64 << 10;

    private final String log;
    private final FileChannel channel;
    private final CRC32C fileChecksum = new CRC32C();
    private ByteBuffer input = ByteBuffer.allocateDirect(FIRST_INPUT_BYTES).limit(0);
    private ByteBuffer decoded;
    private ZstdDecompressCtx zstd;
    private ChangeLogHeader header;
    private FrameOrder order;
    private long offset;
    private boolean ended;

    private ChangeLogReader(Path file, FileChannel channel) {
        this.log = file.toString();
        this.channel = channel;
    }

    /** Opens a log and reads its header. */
    public static ChangeLogReader open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            ChangeLogReader reader = new ChangeLogReader(file, channel);
            reader.readHeader();
            return reader;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    public ChangeLogHeader header() {
        return header;
    }

    /** The next frame, or empty when the footer was reached and found right. */
    public Optional<Frame> next() throws IOException {
        if (ended) {
            return Optional.empty();
        }
        require(1, "a frame or the footer");
        if (input.get(input.position()) == LogFormat.KIND_FOOTER) {
            readFooter();
            return Optional.empty();
        }
        require(LogFormat.FRAME_HEAD_BYTES, "the head of a frame");
        FrameHead head = FrameHead.decode(log, offset, input);
        int length = LogFormat.FRAME_HEAD_BYTES + head.storedLength();
        require(length, "a frame");
        ByteBuffer frame = input.slice(input.position(), length);
        ByteBuffer stored = frame.slice(LogFormat.FRAME_HEAD_BYTES, head.storedLength());
        checkFrame(head, frame, stored);
        Frame found = head.kind() == LogFormat.KIND_ZERO
                ? new Frame.Zero(head.extent())
                : new Frame.Data(head.extent(), decode(head, stored));
        take(length);
        return Optional.of(found);
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            if (zstd != null) {
                zstd.close();
            }
        }
    }

    private void readHeader() throws IOException {
        require(LogFormat.HEADER_PREFIX_BYTES, "the header");
        int length = LogFormat.headerLength(log, input);
        require(length, "the header");
        header = LogFormat.decodeHeader(log, input.slice(input.position(), length));
        order = new FrameOrder(header.diskSize().bytes());
        take(length);
    }

    private void checkFrame(FrameHead head, ByteBuffer frame, ByteBuffer stored) throws ChangeLogException {
        CRC32C crc = FrameHead.checksumOf(frame);
        crc.update(stored.duplicate());
        if ((int) crc.getValue() != head.checksum()) {
            throw ChangeLogException.corrupt(log, offset, "checksum of the frame", LogFormat.hex(head.checksum()),
                    LogFormat.hex((int) crc.getValue()));
        }
        if (!order.allows(head.extent())) {
            throw ChangeLogException.corrupt(log, offset, "place of the frame in the disk", order.allowed(),
                    head.extent());
        }
        order.add(head.kind() == LogFormat.KIND_DATA, head.extent());
    }

    private ByteBuffer decode(FrameHead head, ByteBuffer stored) throws ChangeLogException {
        if (head.codec() == LogFormat.CODEC_PLAIN) {
            return stored.asReadOnlyBuffer();
        }
        int length = (int) head.extent().length();
        if (decoded == null) {
            decoded = ByteBuffer.allocateDirect(LogFormat.DATA_LENGTH_MAX);
            zstd = new ZstdDecompressCtx();
        }
        try {
            int found = zstd.decompressDirectByteBuffer(decoded, 0, length, stored, 0, stored.remaining());
            if (found != length) {
                throw ChangeLogException.corrupt(log, offset, "decoded length", length, found);
            }
        } catch (ZstdException e) {
            throw ChangeLogException.corrupt(log, offset, "stored bytes", "a zstd frame of " + length + " bytes",
                    e.getMessage());
        }
        return decoded.slice(0, length).asReadOnlyBuffer();
    }

    private void readFooter() throws IOException {
        require(LogFormat.FOOTER_BYTES, "the footer");
        Footer.check(log, offset, input.slice(input.position(), LogFormat.FOOTER_BYTES), order, fileChecksum);
        long length = channel.size();
        if (length != offset + LogFormat.FOOTER_BYTES) {
            throw ChangeLogException.corrupt(log, offset + LogFormat.FOOTER_BYTES, "length of the file",
                    offset + LogFormat.FOOTER_BYTES, length);
        }
        ended = true;
    }

    /** Sees to it that so many bytes remain in the input, which hold {@code what}. */
    private void require(int length, String what) throws IOException {
        if (input.remaining() >= length) {
            return;
        }
        if (length > input.capacity()) {
            input = ByteBuffer.allocateDirect(INPUT_BYTES).put(input).flip();
        }
        input.compact();
        try {
            while (input.position() < length) {
                if (channel.read(input) < 0) {
                    throw ChangeLogException.corrupt(log, offset, what, length + " bytes", input.position());
                }
            }
        } finally {
            input.flip();
        }
    }

    /** Leaves bytes behind. Their content stays untouched until the next {@link #require}. */
    private void take(int length) {
        fileChecksum.update(input.duplicate().limit(input.position() + length));
        input.position(input.position() + length);
        offset += length;
    }
}
