package org.understudy.replication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.understudy.replication.wire.WireWorld.VDA;
import static org.understudy.replication.wire.WireWorld.await;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.model.ByteCount;
import org.understudy.model.LogPosition;
import org.understudy.replication.Backoff;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.MachineState;
import org.understudy.replication.ReplicationDriver;
import org.understudy.replication.Segment;
import org.understudy.replication.SourceEnd;
import org.understudy.replication.SourceStanding;
import org.understudy.replication.StateDigest;
import org.understudy.replication.SystemPace;

/** The driver with real time over the real wire: what the manual clock cannot show. */
@Tag("slow")
@Timeout(180)
class DriverOverWireTest {
    private static final long SEGMENT_BYTES = 5_000_000;

    @Test
    void replicatesThroughCutCablesAndStopsInTheMiddle() throws IOException {
        try (WireWorld world = new WireWorld(WireWorld.QUICK);
                StallingProxy first = new StallingProxy(world.server.port())) {
            RestlessSource source = new RestlessSource();
            int port = first.port();
            Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofMillis(200), 0.5);
            try (ReplicationDriver driver = new ReplicationDriver(world.item, source,
                    world.dialer(world.vault.host(world.source), port, WireWorld.QUICK),
                    Duration.ofMillis(20), backoff, new SystemPace(Clock.systemUTC()))) {
                driver.start();
                await(() -> world.replica.acknowledged().sequence() >= 5);
                first.stall();
                await(() -> driver.report().trouble().isPresent());
                first.forwardAgain();
                long before = world.replica.acknowledged().sequence();
                await(() -> world.replica.acknowledged().sequence() >= before + 5);
                assertThat(driver.report().trouble()).isEmpty();
                assertThat(driver.report().sent().bytes()).isGreaterThan(10 * SEGMENT_BYTES);
                long begun = System.nanoTime();
                driver.stop();
                assertThat(driver.ended()).isTrue();
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
            }
            assertThat(source.waitingMax).isLessThanOrEqualTo(2);
            long acknowledged = world.replica.acknowledged().sequence();
            for (long sequence = 1; sequence <= acknowledged; sequence++) {
                assertThat(world.replica.stateAt(WireWorld.at(sequence))).isEqualTo(RestlessSource.stateAt(sequence));
            }
            assertThat(world.replica.received())
                    .as("every byte came once")
                    .isLessThanOrEqualTo((acknowledged + 1) * SEGMENT_BYTES);
        }
    }

    /** A source of one disk that always has changes. */
    private static final class RestlessSource implements SourceEnd {
        private LogPosition captured = LogPosition.startOf(1);
        private LogPosition acknowledged = LogPosition.startOf(1);
        private long waitingMax;

        @Override
    public void met() {
        // Nothing is ever deleted here but what this source made.
    }

    @Override
    public void recover() {
        // Nothing is ever left open in memory.
    }

    @Override
        public synchronized SourceStanding standing() {
            return new SourceStanding(captured, acknowledged, ByteCount.ZERO, ByteCount.ZERO, ByteCount.ZERO);
        }

        @Override
        public synchronized void capture() {
            captured = captured.next();
            waitingMax = Math.max(waitingMax, captured.sequence() - acknowledged.sequence());
        }

        @Override
        public void coverAnew(String reason) {
            throw new AssertionError("this source loses nothing: " + reason);
        }

        @Override
        public void compared(HashRequest request, HashAnswer answer) {
            throw new AssertionError("nothing is compared: " + request);
        }

        @Override
        public void goBackTo(LogPosition position, String reason) {
            throw new AssertionError("the ends meet: " + reason);
        }

        @Override
        public List<Segment> segments(LogPosition position) {
            return List.of(WireWorld.segment(VDA, position.sequence(), SEGMENT_BYTES));
        }

        @Override
        public synchronized void acknowledged(LogPosition position) {
            acknowledged = position;
        }

        @Override
        public String machineDefinition(LogPosition position) {
            return "<domain/>";
        }

        @Override
        public Optional<MachineState> machineState(LogPosition position, Optional<StateDigest> told) {
            return Optional.of(stateAt(position.sequence())).filter(state -> !told.equals(Optional.of(state.digest())));
        }

        /** Another at every third position; longer than a message, and now and then none. */
        static MachineState stateAt(long sequence) {
            byte[] bytes = new byte[sequence / 3 % 4 == 3 ? 0 : WireCodec.STATE_BYTES * 2 + 1];
            Arrays.fill(bytes, (byte) (sequence / 3));
            return new MachineState(bytes);
        }
    }
}
