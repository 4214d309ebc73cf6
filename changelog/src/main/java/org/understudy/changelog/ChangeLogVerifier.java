package org.understudy.changelog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Follows the bytes of one log as they arrive, in pieces of any size, and knows up to where they are right.
 *
 * <p>It checks all that a reader checks but for the decoding of compressed frames, whose checksum is proof that they
 * are what the writer wrote. Memory: a few kilobytes, whatever arrives. Threads: one. Errors: after a
 * {@link ChangeLogException} every further byte is refused with the same one, and {@link #verifiedBytes} stays true.
 */
public final class ChangeLogVerifier {
    private static final int READ_AT_ONCE = 1 << 20;

    private final String log;
    private FileChecksum fileChecksum = new FileChecksum(0);
    private final ByteBuffer fixed = ByteBuffer.allocate(LogFormat.HEADER_BYTES_MAX);
    private Part part = Part.HEADER;
    private ChangeLogHeader header;
    private FrameOrder order;
    private FrameHead head;
    private CRC32C frameChecksum;
    private int storedLeft;
    private long received;
    private long verified;
    private int verifiedChecksum;
    private ChangeLogException broken;

    /** What the next byte belongs to. */
    private enum Part { HEADER, FRAME_HEAD, STORED, FOOTER, END }

    /** @param log how messages name the log */
    public ChangeLogVerifier(String log) {
        this.log = log;
        await(LogFormat.HEADER_PREFIX_BYTES);
    }

    /**
     * Goes on after a crash: reads once what arrived of a log and stands at the end of its last whole, right frame, as
     * if just so much had arrived. The caller cuts the file to {@link #verifiedBytes} before it appends.
     */
    public static ChangeLogVerifier resume(Path torn) throws IOException {
        ChangeLogVerifier found = new ChangeLogVerifier(torn.toString());
        try (FileChannel channel = FileChannel.open(torn, StandardOpenOption.READ)) {
            found.accept(channel);
        } catch (ChangeLogException e) {
            // Damage in an open log is a torn end: whatever is after the last right frame arrives again.
            found.broken = e;
        }
        return found.atLastFrame();
    }

    /** A log that is known to be whole, of so many bytes. */
    public static ChangeLogVerifier ofWhole(String log, ChangeLogHeader header, long length) {
        ChangeLogVerifier whole = new ChangeLogVerifier(log);
        whole.header = header;
        whole.received = length;
        whole.verified = length;
        whole.part = Part.END;
        return whole;
    }

    /** Goes on from the end of the last whole, right frame, as if nothing had arrived behind it. Reads nothing. */
    public ChangeLogVerifier atLastFrame() {
        ChangeLogVerifier from = new ChangeLogVerifier(log);
        if (part == Part.END) {
            return ofWhole(log, header, verified);
        }
        if (header != null) {
            from.header = header;
            from.order = order.copy();
            from.fileChecksum = new FileChecksum(verifiedChecksum);
            from.received = verified;
            from.verified = verified;
            from.verifiedChecksum = verifiedChecksum;
            from.part = Part.FRAME_HEAD;
            from.await(LogFormat.FRAME_HEAD_BYTES);
        }
        return from;
    }

    /** Takes all that remains in {@code bytes}. */
    public void accept(ByteBuffer bytes) throws ChangeLogException {
        if (broken != null) {
            throw broken;
        }
        try {
            while (bytes.hasRemaining()) {
                switch (part) {
                    case HEADER, FRAME_HEAD, FOOTER -> takeFixed(bytes);
                    case STORED -> takeStored(bytes);
                    case END -> throw ChangeLogException.corrupt(log, received, "after the footer", "nothing",
                            bytes.remaining() + " bytes");
                }
            }
        } catch (ChangeLogException e) {
            broken = e;
            throw e;
        }
    }

    /** The header, once it arrived and was found right. */
    public Optional<ChangeLogHeader> header() {
        return Optional.ofNullable(header);
    }

    /** The end of the header or of the last whole, right frame or of the footer: where a torn file is cut. */
    public long verifiedBytes() {
        return verified;
    }

    /** Whether the footer arrived and was found right: the log is whole. */
    public boolean finished() {
        return part == Part.END;
    }

    private void accept(FileChannel channel) throws IOException {
        // As large as there is to read: nearly every log is received from its first byte on, with nothing there yet.
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) Math.min(READ_AT_ONCE, channel.size()));
        long at = 0;
        while (channel.read(bytes.clear(), at) > 0) {
            at += bytes.position();
            accept(bytes.flip());
        }
    }

    /** Starts to gather a part of fixed length. */
    private void await(int length) {
        fixed.clear().limit(length);
    }

    private void takeFixed(ByteBuffer bytes) throws ChangeLogException {
        if (part == Part.FRAME_HEAD && fixed.position() == 0
                && bytes.get(bytes.position()) == LogFormat.KIND_FOOTER) {
            part = Part.FOOTER;
            await(LogFormat.FOOTER_BYTES);
        }
        int length = Math.min(fixed.remaining(), bytes.remaining());
        fixed.put(bytes.slice(bytes.position(), length));
        bytes.position(bytes.position() + length);
        received += length;
        if (fixed.hasRemaining()) {
            return;
        }
        fixed.flip();
        switch (part) {
            case HEADER -> headerArrived();
            case FRAME_HEAD -> headArrived();
            case FOOTER -> footerArrived();
            case STORED, END -> throw new AssertionError(part + " has no fixed length");
        }
    }

    private void headerArrived() throws ChangeLogException {
        int length = LogFormat.headerLength(log, fixed);
        if (fixed.limit() < length) {
            fixed.position(fixed.limit()).limit(length);
            return;
        }
        header = LogFormat.decodeHeader(log, fixed);
        order = new FrameOrder(header.diskSize().bytes());
        fileChecksum.update(fixed);
        partVerified(Part.FRAME_HEAD);
        await(LogFormat.FRAME_HEAD_BYTES);
    }

    private void headArrived() throws ChangeLogException {
        head = FrameHead.decode(log, verified, fixed);
        if (!order.allows(head.extent())) {
            throw ChangeLogException.corrupt(log, verified, "place of the frame in the disk", order.allowed(),
                    head.extent());
        }
        frameChecksum = FrameHead.checksumOf(fixed);
        fileChecksum.update(fixed);
        storedLeft = head.storedLength();
        part = Part.STORED;
        if (storedLeft == 0) {
            frameArrived();
        }
    }

    private void takeStored(ByteBuffer bytes) throws ChangeLogException {
        int length = Math.min(storedLeft, bytes.remaining());
        ByteBuffer piece = bytes.slice(bytes.position(), length);
        frameChecksum.update(piece.duplicate());
        fileChecksum.update(piece);
        bytes.position(bytes.position() + length);
        received += length;
        storedLeft -= length;
        if (storedLeft == 0) {
            frameArrived();
        }
    }

    private void frameArrived() throws ChangeLogException {
        int found = (int) frameChecksum.getValue();
        if (found != head.checksum()) {
            throw ChangeLogException.corrupt(log, verified, "checksum of the frame", LogFormat.hex(head.checksum()),
                    LogFormat.hex(found));
        }
        order.add(head.kind() == LogFormat.KIND_DATA, head.extent());
        partVerified(Part.FRAME_HEAD);
        await(LogFormat.FRAME_HEAD_BYTES);
    }

    private void footerArrived() throws ChangeLogException {
        Footer.check(log, verified, fixed, order, fileChecksum);
        partVerified(Part.END);
    }

    private void partVerified(Part next) {
        verified = received;
        verifiedChecksum = (int) fileChecksum.getValue();
        part = next;
    }
}
