package org.understudy.replication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.MachineState;
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

/** The bytes of the wire's messages. */
class WireCodecTest {
    private static final LogPosition POSITION = new LogPosition(3, 17);
    private static final List<WireMessage> EVERY = List.of(
            new Hello(new RelationshipId(ItemId.parse("00000000-0000-0001-0000-000000000002"), 3), 4),
            new Hello(new RelationshipId(ItemId.parse("00000000-0000-0001-0000-000000000002"), 3), 3),
            new Hello(new RelationshipId(ItemId.parse("00000000-0000-0001-0000-000000000002"), 3), 2),
            new Standing(new TargetStanding(POSITION, Map.of())),
            new Standing(new TargetStanding(POSITION, Map.of(), Optional.of(new LogPosition(3, 16)))),
            new GoBack(POSITION), new WentBack(POSITION),
            new Compare(new HashRequest(POSITION, new DiskName("vda"), new UUID(1, -2), 1L << 40, 4096)),
            new Compared(new HashAnswer.NotNow("later")),
            new Compared(new HashAnswer.Hashes(ByteBuffer.wrap(new byte[32]))),
            new Welcome(new TargetStanding(POSITION, Map.of(
                    new DiskName("vda"), new TargetStanding.Held(new ByteCount(99), -7)))),
            new SegmentStart(new SegmentOffer(
                    new DiskName("vdb"), POSITION, Long.MIN_VALUE + 3, new ByteCount(Long.MAX_VALUE), 4096)),
            new SegmentBytes(ByteBuffer.wrap(new byte[] {1, 2, 3})), new SegmentEnd(), new Durable(),
            new Defined(POSITION, "<domain>å</domain>"),
            new State(POSITION, StateDigest.of(new byte[] {7}), 1, 0, ByteBuffer.wrap(new byte[] {7})),
            new State(POSITION, StateDigest.of(new byte[] {1, 2}), MachineState.BYTES_MAX, MachineState.BYTES_MAX - 1,
                    ByteBuffer.wrap(new byte[] {7})),
            new State(POSITION, StateDigest.OF_NONE, 0, 0, ByteBuffer.allocate(0)), new Kept(StateDigest.OF_NONE),
            new Acknowledge(POSITION), new Acknowledged(POSITION), new Pulse(),
            new Failed(new Failure(FailureCode.REPLICA_FENCED, "m", "a", Instant.ofEpochMilli(123_456))));

    @Test
    void everyMessageComesBackAsItWas() throws WireViolation {
        for (WireMessage message : EVERY) {
            assertThat(decode(WireCodec.encode(message))).isEqualTo(message);
        }
    }

    @Test
    void theGreetingHasTheBytesOfItsDescription() {
        byte[] bytes = WireCodec.encode(new Hello(
                new RelationshipId(ItemId.parse("00000000-0000-0001-0000-000000000002"), 3), 3));
        assertThat(bytes).containsExactly(1, 0, 0, 0, 30, 'U', 'D', 'R', 'Y', 0, 3,
                0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3);
    }

    @Test
    void aMachineStateHasTheBytesOfItsDescription() {
        byte[] digest = new byte[StateDigest.BYTES];
        StateDigest.of(new byte[] {9, 8, 7}).bytes().get(digest);
        byte[] bytes = WireCodec.encode(
                new State(POSITION, StateDigest.of(new byte[] {9, 8, 7}), 3, 1, ByteBuffer.wrap(new byte[] {8, 7})));
        ByteBuffer described = ByteBuffer.allocate(5 + 16 + 32 + 8 + 2).put((byte) 17).putInt(58)
                .putLong(3).putLong(17).put(digest).putInt(3).putInt(1).put((byte) 8).put((byte) 7);
        assertThat(bytes).isEqualTo(described.array());
    }

    @Test
    void aPartThatReachesBeyondItsMachineStateIsRefused() {
        ByteBuffer part = ByteBuffer.allocate(16 + 32 + 8 + 2).putLong(3).putLong(17)
                .put(StateDigest.OF_NONE.bytes()).putInt(3).putInt(2).putShort((short) 0).flip();
        assertThatThrownBy(() -> WireCodec.decode((byte) 17, part)).isInstanceOf(WireViolation.class);
        ByteBuffer large = ByteBuffer.allocate(16 + 32 + 8 + 1).putLong(3).putLong(17)
                .put(StateDigest.OF_NONE.bytes()).putInt(MachineState.BYTES_MAX + 1).putInt(0).put((byte) 1).flip();
        assertThatThrownBy(() -> WireCodec.decode((byte) 17, large)).isInstanceOf(WireViolation.class);
    }

    @Test
    void aMessageCutAnywhereIsRefused() {
        for (WireMessage message : EVERY) {
            byte[] whole = WireCodec.encode(message);
            if (message instanceof SegmentBytes) {
                continue;
            }
            for (int length = WireCodec.HEADER_BYTES; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThatThrownBy(() -> decode(cut)).isInstanceOf(WireViolation.class);
            }
        }
    }

    @Test
    void bytesBeyondAMessageAreRefused() {
        for (WireMessage message : EVERY) {
            if (!(message instanceof SegmentBytes)) {
                byte[] whole = WireCodec.encode(message);
                assertThatThrownBy(() -> decode(Arrays.copyOf(whole, whole.length + 1)))
                        .isInstanceOf(WireViolation.class);
            }
        }
    }

    @Test
    void aFailureOfANewerReleaseKeepsItsWords() throws WireViolation {
        byte[] bytes = WireCodec.encode(new Failed(
                new Failure(FailureCode.NOT_FOUND, "the disk melted", "Cool it.", Instant.EPOCH)));
        byte[] newer = new String(bytes, StandardCharsets.ISO_8859_1).replace("NOT_FOUND", "NOT_MOUND")
                .getBytes(StandardCharsets.ISO_8859_1);
        Failure failure = ((Failed) decode(newer)).failure();
        assertThat(failure.code()).isEqualTo(FailureCode.INTERNAL_ERROR);
        assertThat(failure.message()).contains("NOT_MOUND", "the disk melted");
    }

    @Test
    void aFailureWithALongTextIsCut() throws WireViolation {
        Failure failure = new Failure(FailureCode.NOT_FOUND, "å".repeat(50_000), "a".repeat(50_000), Instant.EPOCH);
        Failed cut = (Failed) decode(WireCodec.encode(new Failed(failure)));
        assertThat(cut.failure().message()).startsWith("ååå").hasSizeLessThan(10_000);
    }

    @Tag("slow")
    @Property(tries = 5000)
    void randomPayloadsAreUnderstoodOrRefusedAndNothingElse(
            @ForAll @IntRange(min = 0, max = 255) int type, @ForAll @Size(max = 80) byte[] payload) {
        try {
            assertThat(WireCodec.payloadMax((byte) type)).isNotNegative();
            assertThat(WireCodec.decode((byte) type, ByteBuffer.wrap(payload))).isNotNull();
        } catch (WireViolation e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }

    private static WireMessage decode(byte[] message) throws WireViolation {
        ByteBuffer bytes = ByteBuffer.wrap(message);
        byte type = bytes.get();
        bytes.getInt();
        return WireCodec.decode(type, bytes);
    }
}
