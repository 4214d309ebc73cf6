package org.understudy.replica;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.changelog.Compression;
import org.understudy.disk.EmulatorAccount;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.Extent;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.VmId;
import org.understudy.replication.MachineState;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.SegmentReceiver;
import org.understudy.replication.StateDigest;
import org.understudy.replication.TargetStanding;

/**
 * A source that lives in memory and a replica that lives in a folder: what the disks held at every position is
 * remembered, so that any point can be compared byte for byte.
 */
final class ReplicaWorld implements AutoCloseable {
    static final DiskName VDA = new DiskName("vda");
    static final DiskName VDB = new DiskName("vdb");

    final SteppedClock clock = new SteppedClock();
    final CrashAt machine = new CrashAt();
    final NavigableMap<LogPosition, Map<DiskName, byte[]>> history = new TreeMap<>(LogPosition.ORDER);
    /** What the machine kept beside its disks at every position. */
    final NavigableMap<LogPosition, MachineState> states = new TreeMap<>(LogPosition.ORDER);
    final Path root;
    ReplicaSpec spec;
    volatile ByteCount free = ByteCount.ofGibibytes(100);

    private final Random random;
    private final Random firmware;
    private MachineState keeps = MachineState.NONE;
    private final Path logs;
    private final Map<DiskName, byte[]> disks = new HashMap<>();
    private final Map<LogPosition, Map<DiskName, Long>> captured = new HashMap<>();
    private LogPosition next;
    private boolean coversAnew;
    private ReplicaCatalog catalog;
    private Replica replica;

    ReplicaWorld(Path folder, long seed, Retention retention) throws IOException {
        this(folder, seed, retention, 1);
        reopen();
    }

    private ReplicaWorld(Path folder, long seed, Retention retention, long generation) throws IOException {
        this.next = LogPosition.startOf(generation).next();
        this.root = folder.resolve("replicas");
        this.logs = Files.createDirectories(folder.resolve("source"));
        this.random = new Random(seed);
        this.firmware = new Random(seed);
        this.spec = new ReplicaSpec(ItemId.random(), generation, VmId.random(), "web01", HostId.random(),
                List.of(new ReplicaDisk(VDA, new ByteCount((1 << 20) + 512)),
                        new ReplicaDisk(VDB, new ByteCount(300 << 10))), retention);
        spec.disks().forEach(disk -> disks.put(disk.name(), new byte[(int) disk.size().bytes()]));
    }

    /** Without a replica yet, for one that begins in a later generation over disks that are there. */
    static ReplicaWorld ofGeneration(Path folder, long seed, long generation) throws IOException {
        ReplicaWorld world = new ReplicaWorld(folder, seed, new Retention(0, Duration.ofDays(15)), generation);
        world.openCatalog();
        return world;
    }

    void adopt(Adoption adoption) throws IOException {
        replica = catalog.adopt(spec, adoption);
    }

    static ReplicaWorld keepingAll(Path folder, long seed) throws IOException {
        return new ReplicaWorld(folder, seed, new Retention(24, Duration.ofDays(15)));
    }

    Replica replica() {
        return replica;
    }

    ReplicaCatalog catalog() {
        return catalog;
    }

    /** As after the death of the process: everything is read from the files again. */
    void reopen() throws IOException {
        openCatalog();
        replica = catalog.create(spec);
    }

    private void openCatalog() throws IOException {
        if (catalog != null) {
            catalog.close();
        }
        machine.repair();
        catalog = ReplicaCatalog.open(root, new ReplicaSettings(
                clock, ReplicaSettings.USUAL_RESERVE, folder -> free, EmulatorAccount::own,
                new OverlayImages(), machine));
    }

    /** The source lost its bitmap: its next cycle carries all of each disk, in the same chain. */
    void coverAnew() {
        coversAnew = true;
    }

    /** The next cycle is the one after this position, whatever was captured of later ones. */
    void goOnFrom(LogPosition position) {
        next = position.next();
        history.tailMap(position, false).clear();
        states.tailMap(position, false).clear();
    }

    /** A cycle that covers all of the disks. */
    LogPosition captureAnew(Consistency consistency) throws IOException {
        LogPosition position = next;
        next = next.next();
        clock.forward(Duration.ofSeconds(30));
        begin(position);
        Map<DiskName, byte[]> after = new HashMap<>();
        for (ReplicaDisk disk : spec.disks()) {
            Files.deleteIfExists(log(disk.name(), position));
            writeLog(disk, position, consistency, Compression.ZSTD,
                    writer -> writer.data(0, ByteBuffer.wrap(disks.get(disk.name()))));
            after.put(disk.name(), disks.get(disk.name()).clone());
        }
        history.put(position, after);
        return position;
    }

    /** The guest writes at random and a cycle captures it. */
    LogPosition capture(Consistency consistency) throws IOException {
        LogPosition position = next;
        next = next.next();
        clock.forward(Duration.ofSeconds(30));
        Map<DiskName, byte[]> after = new HashMap<>();
        begin(position);
        for (ReplicaDisk disk : spec.disks()) {
            Files.deleteIfExists(log(disk.name(), position));
            boolean anew = coversAnew || position.sequence() == 1 && position.generation() > 1;
            writeLog(disk, position, consistency, Compression.ZSTD, anew
                    ? writer -> writer.data(0, ByteBuffer.wrap(disks.get(disk.name())))
                    : writer -> writeAtRandom(disk, writer));
            after.put(disk.name(), disks.get(disk.name()).clone());
        }
        coversAnew = false;
        history.put(position, after);
        return position;
    }

    /** A cycle in which the guest wrote the first 512 bytes of each disk alone, and no frame is compressed. */
    LogPosition captureBlock(byte content) throws IOException {
        LogPosition position = next;
        next = next.next();
        clock.forward(Duration.ofSeconds(30));
        begin(position);
        Map<DiskName, byte[]> after = new HashMap<>();
        for (ReplicaDisk disk : spec.disks()) {
            byte[] block = new byte[512];
            Arrays.fill(block, content);
            System.arraycopy(block, 0, disks.get(disk.name()), 0, block.length);
            Files.deleteIfExists(log(disk.name(), position));
            writeLog(disk, position, Consistency.CRASH, Compression.NONE,
                    writer -> writer.data(0, ByteBuffer.wrap(block)));
            after.put(disk.name(), disks.get(disk.name()).clone());
        }
        history.put(position, after);
        return position;
    }

    /** The last cycle is planned again, with another block. */
    LogPosition captureBlockAgain(byte content) throws IOException {
        next = history.lastKey();
        return captureBlock(content);
    }

    /** The last cycle is planned again, as after a death of the source before it was committed. */
    LogPosition captureAgain(Consistency consistency) throws IOException {
        next = history.lastKey();
        return capture(consistency);
    }

    /** The machine keeps something else now and then, and now and then nothing. */
    private void begin(LogPosition position) {
        captured.put(position, new HashMap<>());
        if (firmware.nextInt(3) == 0) {
            keeps = firmware.nextInt(4) == 0 ? MachineState.NONE
                    : new MachineState(("kept since " + position).getBytes(StandardCharsets.UTF_8));
        }
        states.put(position, keeps);
    }

    /** What the replica has of what the machine kept at a position. */
    MachineState stateAt(LogPosition position) {
        try {
            Optional<Path> file = replica.machineState(position);
            return file.isPresent() ? new MachineState(Files.readAllBytes(file.get())) : MachineState.NONE;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeLog(ReplicaDisk disk, LogPosition position, Consistency consistency, Compression compression,
            Content content) throws IOException {
        ChangeLogHeader header = new ChangeLogHeader(spec.vm(), disk.name(), position, position.sequence() - 1,
                disk.size(), consistency == Consistency.PARTIAL ? ByteCount.ZERO : disk.size(),
                clock.instant(), consistency);
        try (ChangeLogWriter writer = ChangeLogWriter.create(
                log(disk.name(), position), header, compression)) {
            content.writeTo(writer);
            writer.finish();
        }
        captured.get(position).put(disk.name(), header.capture());
    }

    private void writeAtRandom(ReplicaDisk disk, ChangeLogWriter writer) throws IOException {
        byte[] content = disks.get(disk.name());
        int at = random.nextInt(content.length / 4);
        while (at < content.length && random.nextInt(8) > 0) {
            int length = Math.min(1 + random.nextInt(content.length / 6), content.length - at);
            change(content, at, length, writer);
            at += length + random.nextInt(content.length / 4);
        }
    }

    /** What a log holds. */
    private interface Content {
        void writeTo(ChangeLogWriter writer) throws IOException;
    }

    private void change(byte[] content, int at, int length, ChangeLogWriter writer) throws IOException {
        if (random.nextInt(4) == 0) {
            Arrays.fill(content, at, at + length, (byte) 0);
            writer.zero(new Extent(at, length));
            return;
        }
        byte[] fresh = new byte[length];
        random.nextBytes(fresh);
        System.arraycopy(fresh, 0, content, at, length);
        writer.data(at, ByteBuffer.wrap(fresh));
    }

    Path log(DiskName disk, LogPosition position) {
        return logs.resolve(disk + "." + position + ".hrl");
    }

    /** As a source that announces the segment which it captured last under that number. */
    SegmentReceiver receive(DiskName disk, LogPosition position, long from) throws IOException {
        return replica.receive(new SegmentOffer(disk, position,
                captured.getOrDefault(position, Map.of()).getOrDefault(disk, 0L),
                new ByteCount(Math.max(from, Files.exists(log(disk, position)) ? Files.size(log(disk, position)) : 0)),
                from));
    }

    /** Sends what the target lacks of a position, in pieces of any size, and has it acknowledged. */
    void ship(LogPosition position) throws IOException {
        TargetStanding standing = replica.standing();
        StateDigest kept = replica.machine.promisedState();
        if (LogPosition.ORDER.compare(standing.acknowledged(), position) >= 0) {
            return;
        }
        for (ReplicaDisk disk : spec.disks()) {
            sendDisk(disk.name(), Optional.ofNullable(standing.held().get(disk.name())), position);
        }
        if (!states.get(position).digest().equals(kept)) {
            replica.rememberState(position, states.get(position));
        }
        replica.acknowledge(position);
    }

    private void sendDisk(DiskName disk, Optional<TargetStanding.Held> held, LogPosition position)
            throws IOException {
        int from = (int) (long) held.filter(there -> there.capture() == captured.get(position).get(disk))
                .map(there -> there.bytes().bytes()).orElse(0L);
        try (SegmentReceiver receiver = receive(disk, position, from)) {
            byte[] bytes = Files.readAllBytes(log(disk, position));
            while (from < bytes.length) {
                int length = Math.min(1 + random.nextInt(90_000), bytes.length - from);
                receiver.accept(ByteBuffer.wrap(bytes, from, length));
                from += length;
            }
            receiver.durable();
        }
    }

    /** One whole cycle: captured, shipped, applied. */
    LogPosition cycle(Consistency consistency) throws IOException {
        LogPosition position = capture(consistency);
        ship(position);
        replica.applyPending();
        return position;
    }

    /** What a processed point would give, without QEMU: the raw files with the undo logs written over them. */
    byte[] contentAt(LogPosition point, DiskName disk) {
        try {
            byte[] raw = Files.readAllBytes(rawFile(disk));
            MemoryDisk memory = new MemoryDisk(raw);
            // So few ranges at once that every replay goes through the disk in parts.
            UndoReplay.replay(disk, replica.stepsBackTo(point), memory, _ -> { }, 3);
            return memory.bytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (UndoDamage e) {
            throw new AssertionError(e);
        }
    }

    Path rawFile(DiskName disk) {
        return home().resolve(disk + ".raw");
    }

    Path home() {
        return root.resolve(spec.relationship().folderName());
    }

    @Override
    public void close() throws IOException {
        catalog.close();
    }
}
