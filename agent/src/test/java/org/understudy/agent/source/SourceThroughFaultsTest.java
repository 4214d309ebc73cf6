package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.understudy.changelog.ChangeLogReader;
import org.understudy.changelog.Frame;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.Loss;
import org.understudy.replication.MachineState;
import org.understudy.replication.Segment;
import org.understudy.replication.SourceStanding;

/**
 * The real source through agents and QEMUs that die, VMs that are shut off and logs that go: whatever happens, a
 * replica that takes one position after the other is, at each whole one, what the guest's disks were at its instant,
 * and has what its firmware kept then.
 */
@Tag("slow")
class SourceThroughFaultsTest {
    private static final int STEPS = 160;
    /** One in transit and one that is being written (D-02). */
    private static final int WAITING_MAX = 2;
    private static final Set<FailureCode> PASSING = Set.of(FailureCode.VM_NOT_RUNNING, FailureCode.HYPERVISOR_BUSY);

    @TempDir
    private Path folder;

    private final Map<DiskName, byte[]> replica = new TreeMap<>();
    private LogPosition held = LogPosition.startOf(1);
    private MachineState state = MachineState.NONE;
    private Instant instant = Instant.EPOCH;
    private SourceInMemory memory;
    private Random random;
    private int whole;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void eachWholePositionIsTheDisksOfItsInstant(long seed) throws Exception {
        random = new Random(seed);
        HostInMemory.DISKS.forEach(disk -> replica.put(disk, new byte[HostInMemory.SIZE]));
        try (SourceInMemory made = new SourceInMemory(folder)) {
            memory = made;
            for (int step = 0; step < STEPS; step++) {
                something();
            }
            settle();
            for (DiskName disk : HostInMemory.DISKS) {
                assertThat(Arrays.equals(replica.get(disk), memory.host.content(disk))).isTrue();
            }
            assertThat(whole).isGreaterThan(10);
            assertThat(memory.host.checkpoints(null)).hasSizeLessThan(4);
            try (var files = Files.list(memory.logs)) {
                assertThat(files.filter(file -> file.toString().contains(".understudy-scratch"))).isEmpty();
            }
        }
    }

    private void something() throws Exception {
        switch (random.nextInt(20)) {
            case 0 -> memory.host.killQemu();
            case 1 -> memory.host.shutDown();
            case 2, 3 -> memory.host.start();
            case 4 -> memory.host.killAgentAfter(random.nextInt(6));
            case 5 -> memory.restart();
            case 6 -> loseALog();
            case 7, 8, 9, 10 -> guestWrites();
            case 11, 12, 13, 14, 15 -> cycle();
            default -> ship(random.nextInt(8) > 0);
        }
    }

    /** Nothing happens any more, and the two ends come together. */
    private void settle() throws Exception {
        memory.host.start();
        memory.host.agentDied();
        for (int turn = 0; turn < 12; turn++) {
            cycle();
            ship(true);
            ship(true);
        }
        SourceStanding now = memory.source().standing();
        assertThat(now.acknowledged()).isEqualTo(now.captured());
        assertThat(now.initial()).isFalse();
    }

    private void guestWrites() {
        if (random.nextInt(3) == 0) {
            memory.host.firmwareKeeps(random.nextInt(3));
        }
        for (DiskName disk : HostInMemory.DISKS) {
            byte[] bytes = new byte[512 * (1 + random.nextInt(400))];
            Arrays.fill(bytes, (byte) random.nextInt(3));
            memory.host.guestWrites(disk, random.nextInt(HostInMemory.SIZE - bytes.length), bytes);
        }
    }

    private void loseALog() throws IOException {
        SourceStanding now = memory.source().standing();
        if (now.captured().isAfter(now.acknowledged()) && random.nextInt(3) == 0) {
            Files.deleteIfExists(memory.logs.resolve("vda." + now.acknowledged().next() + ".hrl"));
        }
    }

    /** What the driver does in a turn, and what it does after a cycle that failed. */
    private void cycle() throws Exception {
        mend();
        SourceStanding now = memory.source().standing();
        if (now.captured().sequence() - now.acknowledged().sequence() >= WAITING_MAX) {
            return;
        }
        try {
            memory.source().capture();
        } catch (FailureException e) {
            assertThat(PASSING).as(e.getMessage()).contains(e.failure().code());
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("the agent died");
        }
        if (memory.host.agentDied()) {
            memory.restart();
        }
        memory.source().recover();
    }

    /** Deals with what the source says that it lost, as the planner decides. */
    private void mend() throws IOException {
        SourceStanding now = memory.source().standing();
        memory.source().met();
        if (held.isAfter(now.acknowledged()) && !held.isAfter(now.captured())) {
            memory.source().acknowledged(held);
        }
        for (Optional<Loss> loss = memory.source().standing().loss(); loss.isPresent();
                loss = memory.source().standing().loss()) {
            switch (loss.get()) {
                case Loss.OfChanges changes -> memory.source().coverAnew(changes.reason());
                case Loss.OfLogs logs -> memory.source().goBackTo(held, logs.reason());
            }
        }
    }

    /** @param answered whether the source hears that the target has it */
    private void ship(boolean answered) throws Exception {
        mend();
        SourceStanding now = memory.source().standing();
        if (!now.captured().isAfter(held)) {
            return;
        }
        LogPosition next = held.next();
        for (Segment segment : memory.source().segments(next)) {
            apply(segment);
        }
        memory.source().machineState(next, Optional.of(state.digest())).ifPresent(another -> state = another);
        assertThat(FirmwareBundle.decode(state.bytes())).as("what the firmware kept at %s", next)
                .isEqualTo(memory.host.firmware(instant));
        held = next;
        if (answered) {
            memory.source().acknowledged(next);
        } else {
            memory.restart();
        }
    }

    private void apply(Segment segment) throws IOException {
        Path file = folder.resolve("received.hrl");
        try (var bytes = Channels.newInputStream(segment.openAt(0))) {
            Files.copy(bytes, file, StandardCopyOption.REPLACE_EXISTING);
        }
        byte[] content = replica.get(segment.disk());
        try (ChangeLogReader reader = ChangeLogReader.open(file)) {
            for (Optional<Frame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
                int offset = (int) frame.get().extent().offset();
                switch (frame.get()) {
                    case Frame.Zero zero -> Arrays.fill(content, offset, (int) zero.extent().end(), (byte) 0);
                    case Frame.Data data -> data.bytes().get(content, offset, data.bytes().remaining());
                }
            }
            instant = reader.header().capturedAt();
            int covered = (int) reader.header().covered().bytes();
            byte[] then = memory.host.content(segment.disk(), reader.header().capturedAt());
            assertThat(Arrays.equals(content, 0, covered, then, 0, covered))
                    .as("%s of %s at its instant", segment.disk(), segment.position()).isTrue();
            whole += reader.header().consistency() == Consistency.CRASH ? 1 : 0;
        }
    }
}
