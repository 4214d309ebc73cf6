package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.understudy.replica.ReplicaWorld.VDA;
import static org.understudy.replica.ReplicaWorld.VDB;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.SegmentReceiver;

/** What a target promises while it takes segments. */
class ReplicaReceivingTest {
    @TempDir
    Path folder;

    private ReplicaWorld world;

    @BeforeEach
    void makeWorld() throws IOException {
        world = ReplicaWorld.keepingAll(folder, 11);
    }

    @AfterEach
    void closeWorld() throws IOException {
        world.close();
    }

    private byte[] bytes(DiskName disk, LogPosition position) throws IOException {
        return Files.readAllBytes(world.log(disk, position));
    }

    private void sendWhole(DiskName disk, LogPosition position) throws IOException {
        try (SegmentReceiver receiver = world.receive(disk, position, 0)) {
            receiver.accept(ByteBuffer.wrap(bytes(disk, position)));
            receiver.durable();
        }
    }

    private static void refused(FailureCode code, ThrowingCallable call) {
        assertThatExceptionOfType(FailureException.class).isThrownBy(call)
                .satisfies(e -> assertThat(e.failure().code()).isEqualTo(code));
    }

    /** How many bytes of a disk's next segment need not be sent again. */
    private Optional<Long> held(DiskName disk) throws IOException {
        return Optional.ofNullable(world.replica().standing().held().get(disk)).map(there -> there.bytes().bytes());
    }

    @Test
    void acknowledgesOnlyWhenTheSegmentsOfAllDisksAreDurable() throws IOException {
        LogPosition one = world.capture(Consistency.CRASH);
        sendWhole(VDA, one);
        refused(FailureCode.REQUEST_INVALID, () -> world.replica().acknowledge(one));
        sendWhole(VDB, one);
        world.replica().acknowledge(one);
        world.reopen();
        assertThat(world.replica().standing().acknowledged()).isEqualTo(one);
        assertThat(ReplicaJson.read(world.home().resolve("state.json"), ReplicaState.class).orElseThrow().covered())
                .containsEntry(VDA, world.spec.disk(VDA).size());
    }

    @Test
    void goesOnWithATornSegmentAtItsLastWholeFrame() throws IOException {
        LogPosition one = world.capture(Consistency.CRASH);
        byte[] segment = bytes(VDA, one);
        int cut = segment.length * 2 / 3;
        try (SegmentReceiver receiver = world.receive(VDA, one, 0)) {
            receiver.accept(ByteBuffer.wrap(segment, 0, cut));
        }
        // A power cut leaves garbage behind what was verified.
        Files.write(world.home().resolve("journal/vda.1-1.hrl.open"), new byte[1000], StandardOpenOption.APPEND);
        world.reopen();
        long torn = held(VDA).orElseThrow();
        assertThat(torn).isPositive().isLessThanOrEqualTo(cut);
        int from = (int) torn;
        try (SegmentReceiver receiver = world.receive(VDA, one, from)) {
            receiver.accept(ByteBuffer.wrap(segment, from, segment.length - from));
            receiver.durable();
        }
        assertThat(world.home().resolve("journal/vda.1-1.hrl")).hasBinaryContent(segment);
    }

    @Test
    void refusesASegmentThatDoesNotFollow() throws IOException {
        LogPosition one = world.capture(Consistency.CRASH);
        LogPosition two = world.capture(Consistency.CRASH);
        refused(FailureCode.REQUEST_INVALID, () -> world.receive(VDA, two, 0));
        refused(FailureCode.REQUEST_INVALID, () -> world.receive(VDA, one, 17));
        refused(FailureCode.RELATIONSHIP_REFUSED, () -> world.receive(VDA, new LogPosition(2, 1), 0));
        try (SegmentReceiver receiver = world.receive(VDA, one, 0)) {
            refused(FailureCode.RELATIONSHIP_REFUSED, () -> receiver.accept(ByteBuffer.wrap(bytes(VDB, one))));
        }
        try (SegmentReceiver receiver = world.receive(VDA, one, 0)) {
            refused(FailureCode.RELATIONSHIP_REFUSED, () -> receiver.accept(ByteBuffer.wrap(bytes(VDA, two))));
        }
        world.ship(one);
        assertThat(world.replica().standing().acknowledged()).isEqualTo(one);
    }

    @Test
    void refusesADamagedSegmentAndTakesTheGoodOne() throws IOException {
        LogPosition one = world.capture(Consistency.CRASH);
        byte[] damaged = bytes(VDA, one);
        damaged[damaged.length / 2] ^= 1;
        try (SegmentReceiver receiver = world.receive(VDA, one, 0)) {
            refused(FailureCode.CHANGE_LOG_CORRUPT, () -> receiver.accept(ByteBuffer.wrap(damaged)));
        }
        byte[] cut = Arrays.copyOf(bytes(VDA, one), damaged.length - 1);
        try (SegmentReceiver receiver = world.receive(VDA, one, 0)) {
            receiver.accept(ByteBuffer.wrap(cut));
            refused(FailureCode.CHANGE_LOG_CORRUPT, receiver::durable);
        }
        world.ship(one);
        assertThat(world.replica().standing().acknowledged()).isEqualTo(one);
    }

    @Test
    void asksForNoByteOfASegmentThatIsHeldWhole() throws IOException {
        LogPosition one = world.capture(Consistency.CRASH);
        sendWhole(VDA, one);
        world.reopen();
        long held = held(VDA).orElseThrow();
        assertThat(held).isEqualTo(Files.size(world.log(VDA, one)));
        try (SegmentReceiver receiver = world.receive(VDA, one, held)) {
            receiver.durable();
        }
        sendWhole(VDB, one);
        world.replica().acknowledge(one);
        assertThat(world.home().resolve("journal/vda.1-1.hrl")).hasBinaryContent(bytes(VDA, one));
    }

    @Test
    void startsAnewWhenATornSegmentWasOfAnotherCapture() throws IOException {
        LogPosition one = world.capture(Consistency.CRASH);
        byte[] first = bytes(VDA, one);
        try (SegmentReceiver receiver = world.receive(VDA, one, 0)) {
            receiver.accept(ByteBuffer.wrap(first, 0, first.length - 10));
        }
        world.captureAgain(Consistency.CRASH);
        byte[] second = bytes(VDA, one);
        long held = held(VDA).orElseThrow();
        assertThat(bytes(VDA, one)).isNotEqualTo(first);
        refused(FailureCode.CHANGE_LOG_CORRUPT, () -> world.receive(VDA, one, held));
        try (SegmentReceiver receiver = world.receive(VDA, one, 0)) {
            refused(FailureCode.CHANGE_LOG_CORRUPT, () -> receiver.accept(ByteBuffer.wrap(first)));
        }
        world.ship(one);
        assertThat(world.replica().standing().acknowledged()).isEqualTo(one);
        world.replica().applyPending();
        assertThat(world.contentAt(one, VDA)).isEqualTo(world.history.get(one).get(VDA));
    }

    /** Uncompressed logs of one block each are equally long, whatever is in them. */
    @Test
    void acknowledgesNoOtherCaptureOfTheSameLength() throws IOException {
        LogPosition one = world.captureBlock((byte) 1);
        sendWhole(VDA, one);
        byte[] first = bytes(VDA, one);
        world.captureBlockAgain((byte) 2);
        assertThat(bytes(VDA, one)).hasSameSizeAs(first);
        refused(FailureCode.CHANGE_LOG_CORRUPT, () -> world.receive(VDA, one, first.length));
        world.ship(one);
        world.replica().applyPending();
        assertThat(world.contentAt(one, VDA)).startsWith((byte) 2);
    }

    @Test
    void saysDurableOnlyOfBytesThatWereWrittenAfterAForceThatFailed() throws IOException {
        LogPosition one = world.capture(Consistency.CRASH);
        SegmentReceiver receiver = world.receive(VDA, one, 0);
        receiver.accept(ByteBuffer.wrap(bytes(VDA, one)));
        world.machine.armAfter(0);
        assertThatExceptionOfType(IOException.class).isThrownBy(receiver::durable);
        receiver.close();
        world.machine.repair();
        // The system takes a page that it failed to write for clean: whoever forces again is told of no failure.
        assertThat(held(VDA)).isEmpty();
        world.ship(one);
        world.replica().applyPending();
        assertThat(world.contentAt(one, VDA)).isEqualTo(world.history.get(one).get(VDA));
    }

    @Test
    void goesOnWithATornSegmentWithoutReadingItAgain() throws IOException {
        LogPosition one = world.capture(Consistency.CRASH);
        byte[] segment = bytes(VDA, one);
        Path torn = world.home().resolve("journal/vda.1-1.hrl.open");
        int from = 0;
        for (int i = 1; i <= 5; i++) {
            int end = Math.max(from, segment.length * i / 6);
            try (SegmentReceiver receiver = world.receive(VDA, one, from)) {
                receiver.accept(ByteBuffer.wrap(segment, from, end - from));
            }
            // Whoever read it would find nothing right in it.
            byte[] held = Files.readAllBytes(torn);
            Files.write(torn, new byte[held.length]);
            from = (int) (long) held(VDA).orElseThrow();
            assertThat(from).isEqualTo(held.length);
            Files.write(torn, held);
        }
        try (SegmentReceiver receiver = world.receive(VDA, one, from)) {
            receiver.accept(ByteBuffer.wrap(segment, from, segment.length - from));
            receiver.durable();
        }
        assertThat(world.home().resolve("journal/vda.1-1.hrl")).hasBinaryContent(segment);
    }

    @Test
    void neverMixesTwoCapturesOfOneNumber() throws IOException {
        LogPosition one = world.capture(Consistency.CRASH);
        sendWhole(VDA, one);
        world.captureAgain(Consistency.CRASH);
        sendWhole(VDB, one);
        refused(FailureCode.CHANGE_LOG_CORRUPT, () -> world.replica().acknowledge(one));
        assertThat(world.replica().standing().held()).isEmpty();
        world.ship(one);
        world.replica().applyPending();
        assertThat(world.contentAt(one, VDA)).isEqualTo(world.history.get(one).get(VDA));
    }

    @Test
    void staysFencedAfterARestart() throws IOException {
        LogPosition one = world.cycle(Consistency.CRASH);
        LogPosition two = world.capture(Consistency.CRASH);
        SegmentReceiver receiving = world.receive(VDA, two, 0);
        world.replica().fence();
        refused(FailureCode.REPLICA_FENCED, () -> receiving.accept(ByteBuffer.wrap(bytes(VDA, two))));
        refused(FailureCode.REPLICA_FENCED, receiving::durable);
        world.reopen();
        refused(FailureCode.REPLICA_FENCED, () -> world.receive(VDA, two, 0));
        refused(FailureCode.REPLICA_FENCED, () -> world.replica().acknowledge(two));
        assertThat(world.replica().points().latest().position()).isEqualTo(one);
        assertThat(world.replica().report().fenced()).isTrue();
    }

    @Test
    void takesFromItsSourceAgainWhenTheFenceIsTakenBack() throws IOException {
        LogPosition one = world.cycle(Consistency.CRASH);
        LogPosition two = world.capture(Consistency.CRASH);
        world.replica().fence();
        world.replica().branch(one, "failover", Branch.Purpose.FAILOVER);
        refused(FailureCode.STATE_FORBIDS, () -> world.replica().unfence());
        world.replica().removeBranch("failover");
        world.replica().unfence();
        world.reopen();
        world.ship(two);
        world.replica().applyPending();
        assertThat(world.contentAt(two, VDA)).isEqualTo(world.history.get(two).get(VDA));
    }

    @Test
    void pausesWhenTheDiskIsFullAndGoesOnWhenThereIsSpace() throws IOException {
        LogPosition one = world.cycle(Consistency.CRASH);
        LogPosition two = world.capture(Consistency.CRASH);
        world.free = ByteCount.ofMebibytes(1);
        refused(FailureCode.TARGET_STORAGE_FULL, () -> world.ship(two));
        assertThat(world.replica().report().trouble().orElseThrow().message())
                .contains(world.root.toRealPath().toString(), "1.0 MiB", "64.0 MiB");
        assertThat(world.replica().report().acknowledged()).isEqualTo(one);
        world.free = ByteCount.ofGibibytes(1);
        world.ship(two);
        assertThat(world.replica().report().trouble()).isEmpty();
        world.free = ByteCount.ofMebibytes(1);
        refused(FailureCode.TARGET_STORAGE_FULL, () -> world.replica().applyPending());
        assertThat(world.replica().report().trouble()).isPresent();
        world.free = ByteCount.ofGibibytes(1);
        world.replica().applyPending();
        assertThat(world.replica().report().trouble()).isEmpty();
        assertThat(world.contentAt(one, VDA)).isEqualTo(world.history.get(one).get(VDA));
        assertThat(world.contentAt(two, VDB)).isEqualTo(world.history.get(two).get(VDB));
    }

    @Test
    void endsAnOlderConnectionWhenAYoungerOneComes() throws IOException {
        LogPosition one = world.capture(Consistency.CRASH);
        SegmentReceiver older = world.receive(VDA, one, 0);
        sendWhole(VDA, one);
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> older.accept(ByteBuffer.allocate(8)));
        older.close();
        sendWhole(VDB, one);
        world.replica().acknowledge(one);
        assertThat(world.replica().standing().acknowledged()).isEqualTo(one);
    }

    @Test
    void opensAFolderForOneAgentAlone() {
        refused(FailureCode.IN_USE, () -> ReplicaCatalog.open(world.root, ReplicaSettings.usual(world.clock)));
    }

    @Test
    void startsAPointWithTheDefinitionThatTheMachineHadThen() throws IOException {
        assertThat(world.replica().definition()).isEmpty();
        world.replica().rememberDefinition(new LogPosition(1, 1), "<one/>");
        world.cycle(Consistency.CRASH);
        world.cycle(Consistency.CRASH);
        world.replica().rememberDefinition(new LogPosition(1, 3), "<never/>");
        world.replica().rememberDefinition(new LogPosition(1, 3), "<three/>");
        world.cycle(Consistency.CRASH);
        world.reopen();
        assertThat(world.replica().definition(new LogPosition(1, 2))).contains("<one/>");
        assertThat(world.replica().definition(new LogPosition(1, 3))).contains("<three/>");
        assertThat(world.replica().definition(new LogPosition(1, 9))).contains("<three/>");
        assertThat(world.replica().definition()).contains("<three/>");
        assertThat(catchThrowable(() -> world.replica().rememberDefinition(new LogPosition(1, 2), "<x/>")))
                .isInstanceOf(FailureException.class);
    }

}
