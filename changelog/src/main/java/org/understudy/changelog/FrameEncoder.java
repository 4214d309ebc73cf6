package org.understudy.changelog;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;
import org.understudy.model.Extent;

/**
 * Makes the stored form of frames: compression and checksum, the work of a log that can be shared between cores.
 *
 * <p>Threads: one at a time; give each thread an encoder of its own. Order: none is needed here, the writer that
 * {@linkplain ChangeLogWriter#append appends} the frames needs it.
 */
public final class FrameEncoder implements AutoCloseable {
    /** Cycles are compressed while the guest waits for the next one: speed before ratio. */
    private static final int ZSTD_LEVEL = 1;

    private final ZstdCompressCtx zstd;

    public FrameEncoder(Compression compression) {
        zstd = switch (compression) {
            case NONE -> null;
            case ZSTD -> new ZstdCompressCtx().setLevel(ZSTD_LEVEL).setContentSize(true);
        };
    }

    /** How large a buffer must be to encode any frame of {@code length} bytes into it. */
    public static int encodedLengthMax(int length) {
        return LogFormat.FRAME_HEAD_BYTES + (int) Zstd.compressBound(length);
    }

    /**
     * Encodes a data frame of 1 byte to 1 MiB.
     *
     * @param source direct; its remaining bytes are the content, and it stays as it is
     * @param target direct; at least {@link #encodedLengthMax} bytes remain; its position moves behind the frame
     */
    public void data(long offset, ByteBuffer source, ByteBuffer target) {
        int length = source.remaining();
        if (length < 1 || length > LogFormat.DATA_LENGTH_MAX) {
            throw new IllegalArgumentException("a data frame of " + length + " bytes cannot be");
        }
        int start = target.position();
        int storedAt = start + LogFormat.FRAME_HEAD_BYTES;
        int stored = zstd == null ? length : compress(source, target, storedAt);
        byte codec = LogFormat.CODEC_ZSTD;
        if (stored >= length) {
            target.put(storedAt, source, source.position(), length);
            stored = length;
            codec = LogFormat.CODEC_PLAIN;
        }
        FrameHead.encode(target, LogFormat.KIND_DATA, codec, new Extent(offset, length),
                target.slice(storedAt, stored));
        target.position(storedAt + stored);
    }

    private int compress(ByteBuffer source, ByteBuffer target, int at) {
        return zstd.compressDirectByteBuffer(target, at, target.limit() - at, source, source.position(),
                source.remaining());
    }

    /** Encodes a zero frame of 1 byte to 1 GiB; 24 bytes must remain in {@code target}. */
    static void zero(Extent extent, ByteBuffer target) {
        FrameHead.encode(target, LogFormat.KIND_ZERO, LogFormat.CODEC_PLAIN, extent, ByteBuffer.allocate(0));
    }

    @Override
    public void close() {
        if (zstd != null) {
            zstd.close();
        }
    }
}
