package org.understudy.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import org.understudy.model.Extent;

/**
 * Takes the server's replies apart and gives each to its request; any thread but one at a time.
 *
 * <p>Memory: one small buffer; the bytes of reads go from the socket straight to where the caller wants them.
 */
final class NbdReplyReader {
    private static final int INPUT_BYTES = 16 << 10;

    /** QEMU sends at most 1 MiB of extents; nothing sane sends more. */
    private static final int STATUS_BYTES_MAX = 8 << 20;
    private static final int ERROR_BYTES_MAX = 64 << 10;
    private static final int DESCRIPTOR_BYTES = 8;
    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(64 << 10);

    private final ReadableByteChannel channel;
    private final NbdExport export;
    private final NbdConnection connection;
    private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_BYTES).limit(0);

    NbdReplyReader(ReadableByteChannel channel, NbdExport export, NbdConnection connection) {
        this.channel = channel;
        this.export = export;
        this.connection = connection;
    }

    /** Reads one reply, or one chunk of one; throws when the connection ended or cannot be understood any more. */
    void readOne() throws IOException {
        require(4);
        int magic = input.getInt(input.position());
        switch (magic) {
            case NbdProtocol.SIMPLE_REPLY_MAGIC -> readSimple();
            case NbdProtocol.STRUCTURED_REPLY_MAGIC -> readChunk();
            default -> throw broken("a reply begins with %08x".formatted(magic));
        }
    }

    private void readSimple() throws IOException {
        require(NbdProtocol.SIMPLE_REPLY_BYTES);
        input.getInt();
        int error = input.getInt();
        NbdRequest request = connection.inFlight(input.getLong());
        boolean needsChunks = request.command == NbdProtocol.NBD_CMD_READ
                || request.command == NbdProtocol.NBD_CMD_BLOCK_STATUS;
        if (error != 0) {
            request.refused(refusal(request, error, ""));
        } else if (needsChunks) {
            throw broken(request + " got a simple reply although structured ones were agreed on");
        }
        connection.complete(request);
    }

    private void readChunk() throws IOException {
        require(NbdProtocol.STRUCTURED_REPLY_BYTES);
        input.getInt();
        int flags = Short.toUnsignedInt(input.getShort());
        int type = Short.toUnsignedInt(input.getShort());
        NbdRequest request = connection.inFlight(input.getLong());
        long length = Integer.toUnsignedLong(input.getInt());
        switch (type) {
            case NbdProtocol.NBD_REPLY_TYPE_NONE -> requireLength(request, length == 0, length);
            case NbdProtocol.NBD_REPLY_TYPE_OFFSET_DATA -> readBytes(request, length);
            case NbdProtocol.NBD_REPLY_TYPE_OFFSET_HOLE -> readHole(request, length);
            case NbdProtocol.NBD_REPLY_TYPE_BLOCK_STATUS -> readStatus(request, length);
            default -> {
                if ((type & NbdProtocol.NBD_REPLY_TYPE_FLAG_ERROR) == 0) {
                    throw broken("%s got a chunk of unknown type %d".formatted(request, type));
                }
                readError(request, length);
            }
        }
        if ((flags & NbdProtocol.NBD_REPLY_FLAG_DONE) != 0) {
            connection.complete(request);
        } else if (type == NbdProtocol.NBD_REPLY_TYPE_NONE) {
            throw broken(request + " got an empty chunk that was not the last");
        }
    }

    private void readBytes(NbdRequest request, long length) throws IOException {
        requireLength(request, length > 8, length);
        require(8);
        ByteBuffer place = request.place(input.getLong(), length - 8);
        int buffered = Math.min(input.remaining(), place.remaining());
        place.put(input.slice(input.position(), buffered));
        input.position(input.position() + buffered);
        while (place.hasRemaining()) {
            if (channel.read(place) < 0) {
                throw hungUp();
            }
        }
    }

    private void readHole(NbdRequest request, long length) throws IOException {
        requireLength(request, length == 12, length);
        require(12);
        ByteBuffer place = request.place(input.getLong(), Integer.toUnsignedLong(input.getInt()));
        while (place.hasRemaining()) {
            place.put(ZEROES.slice(0, Math.min(ZEROES.capacity(), place.remaining())));
        }
    }

    private void readStatus(NbdRequest request, long length) throws IOException {
        requireLength(request, length >= 4 + DESCRIPTOR_BYTES && (length - 4) % DESCRIPTOR_BYTES == 0
                && length <= STATUS_BYTES_MAX && request.command == NbdProtocol.NBD_CMD_BLOCK_STATUS, length);
        require(4);
        int id = input.getInt();
        String context = export.context(id).orElseThrow(() -> broken("meta context " + id + " was not agreed on"));
        boolean wanted = context.equals(request.context);
        if (wanted && !request.statuses.isEmpty()) {
            throw broken(request + " was answered twice");
        }
        long end = request.offset + request.length;
        long at = request.offset;
        for (long left = (length - 4) / DESCRIPTOR_BYTES; left > 0; left--) {
            require(DESCRIPTOR_BYTES);
            long count = Integer.toUnsignedLong(input.getInt());
            int flags = input.getInt();
            if (count == 0 || at >= end) {
                throw broken("%s got an extent of %d bytes at %d".formatted(request, count, at));
            }
            // Only the last may reach beyond what was asked for; more is not of interest.
            if (wanted) {
                request.statuses.add(new BlockStatus(new Extent(at, Math.min(count, end - at)), flags));
            }
            at += count;
        }
    }

    private void readError(NbdRequest request, long length) throws IOException {
        requireLength(request, length >= 6 && length <= ERROR_BYTES_MAX, length);
        require(6);
        int error = input.getInt();
        int textLength = Short.toUnsignedInt(input.getShort());
        requireLength(request, textLength <= NbdProtocol.STRING_BYTES_MAX && textLength <= length - 6, textLength);
        require(textLength);
        String text = StandardCharsets.UTF_8.decode(input.slice(input.position(), textLength)).toString();
        input.position(input.position() + textLength);
        for (long rest = length - 6 - textLength; rest > 0; rest--) {
            require(1);
            input.get();
        }
        request.refused(refusal(request, error, text));
    }

    private NbdException refusal(NbdRequest request, int error, String text) {
        return new NbdException("%s of export \"%s\" was refused: %s%s".formatted(request, export.name(),
                NbdException.nameOf(error), text.isEmpty() ? "" : " (" + text + ")"));
    }

    private void requireLength(NbdRequest request, boolean right, long length) throws NbdException {
        if (!right) {
            throw broken("%s got a reply of %d bytes, which cannot be".formatted(request, length));
        }
    }

    private void require(int length) throws IOException {
        if (input.remaining() >= length) {
            return;
        }
        input.compact();
        try {
            while (input.position() < length) {
                if (channel.read(input) < 0) {
                    throw hungUp();
                }
            }
        } finally {
            input.flip();
        }
    }

    private EOFException hungUp() {
        return new EOFException("NBD export \"%s\": the server hung up".formatted(export.name()));
    }

    private NbdException broken(String fact) {
        return new NbdException("NBD export \"%s\": the server broke the protocol: %s".formatted(export.name(), fact));
    }
}
