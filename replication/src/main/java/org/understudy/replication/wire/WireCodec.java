package org.understudy.replication.wire;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.StateDigest;
import org.understudy.replication.TargetStanding;
import org.understudy.replication.wire.WireMessage.Acknowledge;
import org.understudy.replication.wire.WireMessage.Acknowledged;
import org.understudy.replication.wire.WireMessage.Compare;
import org.understudy.replication.wire.WireMessage.Compared;
import org.understudy.replication.wire.WireMessage.Defined;
import org.understudy.replication.wire.WireMessage.Durable;
import org.understudy.replication.wire.WireMessage.Failed;
import org.understudy.replication.wire.WireMessage.GoBack;
import org.understudy.replication.wire.WireMessage.Hello;
import org.understudy.replication.wire.WireMessage.Kept;
import org.understudy.replication.wire.WireMessage.Pulse;
import org.understudy.replication.wire.WireMessage.SegmentBytes;
import org.understudy.replication.wire.WireMessage.SegmentEnd;
import org.understudy.replication.wire.WireMessage.SegmentStart;
import org.understudy.replication.wire.WireMessage.Standing;
import org.understudy.replication.wire.WireMessage.State;
import org.understudy.replication.wire.WireMessage.Welcome;
import org.understudy.replication.wire.WireMessage.WentBack;

/**
 * The bytes of {@link WireMessage}: type u8, payload length u32, payload; numbers big-endian, text UTF-8 with its
 * length before it. The format is {@code docs/formats/replication-wire.md}. A payload is accepted only when all of it
 * is understood.
 */
final class WireCodec {
    static final int HEADER_BYTES = 5;
    /** With the header sixteen full TLS records of 16 KiB. */
    static final int SEGMENT_BYTES = (256 << 10) - HEADER_BYTES;
    static final int SEGMENT_BYTES_MAX = 1 << 20;
    static final int MACHINE_DEFINITION_MAX = 256 << 10;

    static final byte SEGMENT_BYTES_TYPE = 4;

    private static final int MAGIC = 0x55445259;
    /** What is spoken to a peer that is not known to be older. */
    static final int VERSION = 4;
    static final int VERSION_MIN = 2;
    /** From which on a target may be asked to go back, and what it holds. */
    static final int VERSION_OF_STANDING = 3;
    /** From which on a machine's state is told. */
    static final int VERSION_OF_STATE = 4;
    /** So much of a machine state is in one message. */
    static final int STATE_BYTES = 256 << 10;
    private static final int DISKS_MAX = 256;
    private static final int TEXT_MAX = 8 << 10;
    private static final int SMALL_MAX = 64 << 10;
    private static final int DEFINED_MAX = MACHINE_DEFINITION_MAX + 256;
    private static final int STATE_MAX = STATE_BYTES + 256;
    private static final int COMPARED_MAX = HashRequest.BLOCKS_MAX * HashAnswer.HASH_BYTES + 256;
    /** Of a version that this one does not speak, too, so that it is told so: version 1 brought a definition along. */
    private static final int HELLO_MAX = DEFINED_MAX;

    private WireCodec() {}

    /** How long the payload of a type may be; refuses a type that is not known. */
    static int payloadMax(byte type) throws WireViolation {
        return switch (type) {
            case 11 -> DEFINED_MAX;
            case 1 -> HELLO_MAX;
            case SEGMENT_BYTES_TYPE -> SEGMENT_BYTES_MAX;
            case 2, 3, 7, 8, 10, 12, 13, 14, 15, 18 -> SMALL_MAX;
            case 16 -> COMPARED_MAX;
            case 17 -> STATE_MAX;
            case 5, 6, 9 -> 0;
            default -> throw new WireViolation("no message has type " + (type & 0xff));
        };
    }

    /** A whole message, header and payload. */
    static byte[] encode(WireMessage message) {
        return switch (message) {
            case Hello hello -> frame(1, small().putInt(MAGIC).putShort((short) hello.version())
                    .putLong(hello.relationship().item().value().getMostSignificantBits())
                    .putLong(hello.relationship().item().value().getLeastSignificantBits())
                    .putLong(hello.relationship().generation()));
            case Welcome(TargetStanding standing) -> frame(2, put(small(), standing));
            case Standing(TargetStanding standing) -> frame(12, putWhole(put(small(), standing), standing));
            case GoBack(LogPosition position) -> frame(13, put(small(), position));
            case WentBack(LogPosition position) -> frame(14, put(small(), position));
            case Compare(HashRequest request) -> frame(15, put(put(small(), request.disk()), request.position())
                    .putLong(request.key().getMostSignificantBits()).putLong(request.key().getLeastSignificantBits())
                    .putLong(request.firstBlock()).putInt(request.blocks()));
            case Compared(HashAnswer answer) -> frame(16, put(ByteBuffer.allocate(COMPARED_MAX), answer));
            case SegmentStart(SegmentOffer offer) -> frame(3, put(put(small(), offer.disk()), offer.position())
                    .putLong(offer.capture()).putLong(offer.length().bytes()).putLong(offer.fromOffset()));
            case SegmentBytes(ByteBuffer bytes) ->
                    frame(SEGMENT_BYTES_TYPE, ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()));
            case SegmentEnd _ -> frame(5, ByteBuffer.allocate(0));
            case Durable _ -> frame(6, ByteBuffer.allocate(0));
            case Acknowledge(LogPosition position) -> frame(7, put(small(), position));
            case Acknowledged(LogPosition position) -> frame(8, put(small(), position));
            case Pulse _ -> frame(9, ByteBuffer.allocate(0));
            case State(LogPosition position, StateDigest digest, int length, int offset, ByteBuffer bytes) ->
                    frame(17, put(ByteBuffer.allocate(STATE_MAX), position).put(digest.bytes()).putInt(length)
                            .putInt(offset).put(bytes.duplicate()));
            case Kept(StateDigest digest) -> frame(18, small().put(digest.bytes()));
            case Failed(Failure failure) -> frame(10, put(small(), failure));
            case Defined(LogPosition position, String definition) -> frame(
                    11, put(ByteBuffer.allocate(DEFINED_MAX), position), definition, MACHINE_DEFINITION_MAX);
        };
    }

    /** Writes the header of a {@link SegmentBytes} of {@code length} bytes that lie behind it in {@code frame}. */
    static void segmentBytesHeader(byte[] frame, int length) {
        ByteBuffer.wrap(frame).put(SEGMENT_BYTES_TYPE).putInt(length);
    }

    private static byte[] frame(int type, ByteBuffer start, String text, int textMax) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > textMax) {
            throw new IllegalArgumentException("a text of " + utf8.length + " bytes is longer than " + textMax);
        }
        return frame(type, start.putInt(utf8.length).put(utf8));
    }

    private static byte[] frame(int type, ByteBuffer payload) {
        int length = payload.position();
        return ByteBuffer.allocate(HEADER_BYTES + length).put((byte) type).putInt(length)
                .put(payload.flip()).array();
    }

    private static ByteBuffer small() {
        return ByteBuffer.allocate(SMALL_MAX);
    }

    private static ByteBuffer put(ByteBuffer to, LogPosition position) {
        return to.putLong(position.generation()).putLong(position.sequence());
    }

    private static ByteBuffer put(ByteBuffer to, DiskName disk) {
        byte[] ascii = disk.value().getBytes(StandardCharsets.US_ASCII);
        return to.put((byte) ascii.length).put(ascii);
    }

    private static ByteBuffer put(ByteBuffer to, TargetStanding standing) {
        if (standing.held().size() > DISKS_MAX) {
            throw new IllegalArgumentException(standing.held().size() + " disks are more than " + DISKS_MAX);
        }
        put(to, standing.acknowledged()).putShort((short) standing.held().size());
        standing.held().forEach((disk, held) ->
                put(to, disk).putLong(held.bytes().bytes()).putLong(held.capture()));
        return to;
    }

    /** Up to where what it acknowledged is whole: that itself while nothing is damaged. */
    private static ByteBuffer putWhole(ByteBuffer to, TargetStanding standing) {
        return put(to, standing.wholeUpTo().orElse(standing.acknowledged()));
    }

    private static ByteBuffer put(ByteBuffer to, HashAnswer answer) {
        return switch (answer) {
            case HashAnswer.Hashes(ByteBuffer hashes) -> to.put((byte) 1).putInt(hashes.remaining())
                    .put(hashes.duplicate());
            case HashAnswer.NotNow(String why) -> cut(to.put((byte) 0), why);
            case HashAnswer.NeverHeardOf _ ->
                    throw new IllegalArgumentException("who has not heard of comparing does not answer");
        };
    }

    private static ByteBuffer put(ByteBuffer to, Failure failure) {
        for (String text : new String[] {failure.code().name(), failure.message(), failure.recommendedAction()}) {
            cut(to, text);
        }
        return to.putLong(failure.at().toEpochMilli());
    }

    /** Cut and not refused: half a reason is better than none. A cut character is replaced by the reader. */
    private static ByteBuffer cut(ByteBuffer to, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(utf8.length, TEXT_MAX);
        return to.putInt(length).put(utf8, 0, length);
    }

    /** Understands a payload, all of it; {@link SegmentBytes} keeps the buffer. */
    static WireMessage decode(byte type, ByteBuffer payload) throws WireViolation {
        WireMessage message;
        try {
            message = switch (type) {
                case 1 -> hello(payload);
                case 2 -> new Welcome(standing(payload));
                case 3 -> new SegmentStart(new SegmentOffer(disk(payload), position(payload), payload.getLong(),
                        new ByteCount(payload.getLong()), payload.getLong()));
                case SEGMENT_BYTES_TYPE -> new SegmentBytes(payload);
                case 5 -> new SegmentEnd();
                case 6 -> new Durable();
                case 7 -> new Acknowledge(position(payload));
                case 8 -> new Acknowledged(position(payload));
                case 9 -> new Pulse();
                case 10 -> new Failed(failure(payload));
                case 12 -> new Standing(wholeUpTo(standing(payload), payload));
                case 13 -> new GoBack(position(payload));
                case 14 -> new WentBack(position(payload));
                case 15 -> new Compare(hashRequest(payload));
                case 16 -> new Compared(hashAnswer(payload));
                case 17 -> state(payload);
                case 18 -> new Kept(digest(payload));
                case 11 -> new Defined(position(payload), strictText(payload, MACHINE_DEFINITION_MAX));
                default -> throw new WireViolation("no message has type " + (type & 0xff));
            };
        } catch (BufferUnderflowException e) {
            throw new WireViolation("a message of type " + type + " is too short", e);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new WireViolation("a message of type " + type + " makes no sense: " + e.getMessage(), e);
        }
        if (type != SEGMENT_BYTES_TYPE && payload.hasRemaining()) {
            throw new WireViolation(
                    "a message of type " + type + " has " + payload.remaining() + " bytes that mean nothing");
        }
        return message;
    }

    private static Hello hello(ByteBuffer payload) throws WireViolation {
        int magic = payload.getInt();
        if (magic != MAGIC) {
            throw new WireViolation("the greeting begins with %08x, not %08x".formatted(magic, MAGIC));
        }
        int version = payload.getShort() & 0xffff;
        if (version < VERSION_MIN || version > VERSION) {
            throw new WireViolation("the peer speaks version " + version + " of the protocol, this host " + VERSION);
        }
        ItemId item = new ItemId(new UUID(payload.getLong(), payload.getLong()));
        long generation = payload.getLong();
        if (generation < 1) {
            throw new WireViolation("generation " + generation + " is out of range");
        }
        return new Hello(new RelationshipId(item, generation), version);
    }

    private static LogPosition position(ByteBuffer payload) {
        return new LogPosition(payload.getLong(), payload.getLong());
    }

    private static DiskName disk(ByteBuffer payload) throws WireViolation {
        return new DiskName(new String(bytes(payload, payload.get() & 0xff, 16), StandardCharsets.US_ASCII));
    }

    private static TargetStanding standing(ByteBuffer payload) throws WireViolation {
        LogPosition acknowledged = position(payload);
        int disks = payload.getShort() & 0xffff;
        if (disks > DISKS_MAX) {
            throw new WireViolation(disks + " disks are more than " + DISKS_MAX);
        }
        Map<DiskName, TargetStanding.Held> held = HashMap.newHashMap(disks);
        for (int i = 0; i < disks; i++) {
            DiskName disk = disk(payload);
            ByteCount bytes = new ByteCount(payload.getLong());
            if (held.put(disk, new TargetStanding.Held(bytes, payload.getLong())) != null) {
                throw new WireViolation("a standing names a disk twice");
            }
        }
        return new TargetStanding(acknowledged, held);
    }

    private static State state(ByteBuffer payload) throws WireViolation {
        LogPosition position = position(payload);
        StateDigest digest = digest(payload);
        int length = payload.getInt();
        int offset = payload.getInt();
        return new State(position, digest, length, offset,
                ByteBuffer.wrap(bytes(payload, payload.remaining(), STATE_BYTES)));
    }

    private static StateDigest digest(ByteBuffer payload) {
        byte[] digest = new byte[StateDigest.BYTES];
        payload.get(digest);
        return new StateDigest(HexFormat.of().formatHex(digest));
    }

    private static HashRequest hashRequest(ByteBuffer payload) throws WireViolation {
        DiskName disk = disk(payload);
        return new HashRequest(position(payload), disk, new UUID(payload.getLong(), payload.getLong()),
                payload.getLong(), payload.getInt());
    }

    private static HashAnswer hashAnswer(ByteBuffer payload) throws WireViolation {
        byte kind = payload.get();
        return switch (kind) {
            case 0 -> new HashAnswer.NotNow(text(payload));
            case 1 -> new HashAnswer.Hashes(ByteBuffer.wrap(bytes(
                    payload, payload.getInt(), HashRequest.BLOCKS_MAX * HashAnswer.HASH_BYTES)));
            default -> throw new WireViolation("an answer about hashes is of kind " + kind);
        };
    }

    private static TargetStanding wholeUpTo(TargetStanding standing, ByteBuffer payload) {
        LogPosition whole = position(payload);
        return whole.equals(standing.acknowledged()) ? standing
                : new TargetStanding(standing.acknowledged(), standing.held(), Optional.of(whole));
    }

    private static Failure failure(ByteBuffer payload) throws WireViolation {
        String name = text(payload);
        String message = text(payload);
        String action = text(payload);
        Instant at = Instant.ofEpochMilli(payload.getLong());
        // A newer agent may know more codes; not knowing one must not hide its message.
        return Arrays.stream(FailureCode.values())
                .filter(code -> code.name().equals(name))
                .findFirst()
                .map(code -> new Failure(code, message, action, at))
                .orElseGet(() -> new Failure(FailureCode.INTERNAL_ERROR, name + ": " + message, action, at));
    }

    private static String text(ByteBuffer payload) throws WireViolation {
        return new String(bytes(payload, payload.getInt(), TEXT_MAX), StandardCharsets.UTF_8);
    }

    private static String strictText(ByteBuffer payload, int max) throws WireViolation {
        byte[] utf8 = bytes(payload, payload.getInt(), max);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new WireViolation("a text is not UTF-8", e);
        }
    }

    private static byte[] bytes(ByteBuffer payload, int length, int max) throws WireViolation {
        if (length < 0 || length > max || length > payload.remaining()) {
            throw new WireViolation("a text of " + length + " bytes does not fit");
        }
        byte[] bytes = new byte[length];
        payload.get(bytes);
        return bytes;
    }
}
