package org.understudy.agent.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.understudy.disk.CaptureDisk;
import org.understudy.disk.DiskInMemory;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwareInMemory;
import org.understudy.hypervisor.FirmwareReading;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.PointInTime;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.hypervisor.RestRequest;
import org.understudy.hypervisor.SourceHost;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.Extent;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/**
 * A host with one VM in memory, as a source sees it: checkpoints whose bitmaps follow one another, points in time that
 * a killed agent leaves open, bitmaps that a killed QEMU loses. For one thread, beside the looks of a watch.
 */
final class HostInMemory implements SourceHost {
    static final List<DiskName> DISKS = List.of(new DiskName("vda"), new DiskName("vdb"));
    static final int SIZE = (3 << 20) + 512;

    private final VmId vm;
    private final Path images;
    private final Map<DiskName, byte[]> disks = new TreeMap<>();
    /** By name, oldest first: what was written from its making until the next one's. */
    private final Map<String, Map<DiskName, BitSet>> checkpoints = new LinkedHashMap<>();
    private final FirmwareInMemory firmware = new FirmwareInMemory();
    private final Set<String> broken = new HashSet<>();
    /** What the disks held at each instant that was taken. */
    private final Map<Instant, Map<DiskName, byte[]>> taken = new HashMap<>();
    private final Map<Instant, FirmwareBundle> kept = new HashMap<>();
    private PowerState power = PowerState.RUNNING;
    private volatile Optional<Point> open = Optional.empty();
    private long clock;
    private long changes;
    private int readsUntilDeath = Integer.MAX_VALUE;
    private boolean agentIsDead;

    HostInMemory(VmId vm, Path images) {
        this.vm = vm;
        this.images = images;
        firmware.add(vm);
        DISKS.forEach(disk -> disks.put(disk, new byte[SIZE]));
    }

    void guestWrites(DiskName disk, int offset, byte[] bytes) {
        if (power != PowerState.RUNNING) {
            return;
        }
        System.arraycopy(bytes, 0, disks.get(disk), offset, bytes.length);
        changes++;
        newest().ifPresent(bitmaps -> bitmaps.get(disk).set(
                offset / DiskInMemory.BLOCK, Math.ceilDiv(offset + bytes.length, DiskInMemory.BLOCK)));
    }

    private Optional<Map<DiskName, BitSet>> newest() {
        return checkpoints.values().stream().reduce((_, later) -> later);
    }

    /** The VM's firmware writes that; nothing is left for 0. */
    void firmwareKeeps(int what) {
        firmware.keep(vm, what == 0 ? FirmwareBundle.NONE
                : FirmwareBundle.of(Map.of(FirmwareBundle.Kind.TPM_2, new byte[] {(byte) what})));
    }

    /** What the firmware kept at the instant of a point in time. */
    FirmwareBundle firmware(Instant at) {
        return kept.get(at);
    }

    /** What a disk holds now. */
    byte[] content(DiskName disk) {
        return disks.get(disk).clone();
    }

    /** What it held at the instant of a point in time. */
    byte[] content(DiskName disk, Instant at) {
        return taken.get(at).get(disk);
    }

    void start() {
        if (power != PowerState.RUNNING) {
            power = PowerState.RUNNING;
            changes++;
        }
    }

    /** The guest shuts down, and QEMU writes its bitmaps into the images. */
    void shutDown() {
        power = PowerState.SHUT_OFF;
        open = Optional.empty();
    }

    /** Nobody knows any more what was written, and the VM was started again. */
    void killQemu() {
        open = Optional.empty();
        broken.addAll(checkpoints.keySet());
        changes++;
    }

    /** The agent dies at the so manieth read from now on; what it had open stays so. */
    void killAgentAfter(int reads) {
        readsUntilDeath = reads;
    }

    /** Whether the agent died since this was last asked. */
    boolean agentDied() {
        boolean died = agentIsDead;
        agentIsDead = false;
        readsUntilDeath = Integer.MAX_VALUE;
        return died;
    }

    @Override
    public Optional<VirtualMachine> machine(VmId asked) {
        return Optional.of(new VirtualMachine(vm, "web01", power, DISKS.stream().map(disk -> new VirtualDisk(
                disk, images.resolve(disk + ".qcow2").toString(), "qcow2", new ByteCount(SIZE), Optional.empty()))
                .toList(), List.of()));
    }

    @Override
    public MachineDefinition definition(VmId asked) {
        return new MachineDefinition("<domain type='kvm'><name>web01</name></domain>");
    }

    @Override
    public FirmwareInMemory firmware() {
        return firmware;
    }

    @Override
    public PointInTime beginPointInTime(VmId asked, PointInTimeRequest request) throws IOException {
        if (power != PowerState.RUNNING) {
            throw FailureException.of(FailureCode.VM_NOT_RUNNING, "VM web01 does not run.");
        }
        if (open.isPresent()) {
            throw FailureException.of(FailureCode.HYPERVISOR_BUSY, "A backup runs on VM web01.");
        }
        if (checkpoints.containsKey(request.checkpoint())) {
            throw FailureException.of(FailureCode.HYPERVISOR_REFUSED, "The checkpoint exists.");
        }
        Optional<Map<DiskName, BitSet>> changed = request.since().isPresent()
                ? Optional.of(since(request.since().get())) : Optional.empty();
        checkpoints.put(request.checkpoint(), emptyBitmaps());
        for (Path scratch : request.scratch().values()) {
            Files.createFile(scratch);
        }
        Point point = new Point(instant(), changed, List.copyOf(request.scratch().values()), Optional.empty());
        open = Optional.of(point);
        return point;
    }

    @Override
    public PointInTime beginPointAtRest(VmId asked, RestRequest request) {
        Optional<String> imprint = imprint(asked, request.disks());
        if (imprint.isEmpty()) {
            throw FailureException.of(FailureCode.HYPERVISOR_BUSY, "VM web01 was started.");
        }
        return new Point(instant(), request.since().map(this::since), List.of(), imprint);
    }

    private static Map<DiskName, BitSet> emptyBitmaps() {
        Map<DiskName, BitSet> bitmaps = new TreeMap<>();
        DISKS.forEach(disk -> bitmaps.put(disk, new BitSet()));
        return bitmaps;
    }

    /** What was written since a checkpoint: its bitmap and those of all later ones. */
    private Map<DiskName, BitSet> since(String checkpoint) {
        Map<DiskName, BitSet> changed = emptyBitmaps();
        boolean counts = false;
        for (Map.Entry<String, Map<DiskName, BitSet>> later : checkpoints.entrySet()) {
            counts |= later.getKey().equals(checkpoint);
            if (counts && broken.contains(later.getKey())) {
                throw FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED, "A bitmap is inconsistent.");
            }
            if (counts) {
                later.getValue().forEach((disk, bitmap) -> changed.get(disk).or(bitmap));
            }
        }
        if (!counts) {
            throw FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED, "The checkpoint is gone.");
        }
        return changed;
    }

    private Instant instant() {
        clock++;
        Instant now = Instant.EPOCH.plusSeconds(clock);
        Map<DiskName, byte[]> held = new TreeMap<>();
        disks.forEach((disk, content) -> held.put(disk, content.clone()));
        taken.put(now, held);
        kept.put(now, ((FirmwareReading.Held) firmware.read(vm, Optional.empty())).bundle());
        return now;
    }

    @Override
    public Optional<String> imprint(VmId asked, Set<DiskName> of) {
        return power == PowerState.SHUT_OFF ? Optional.of("change " + changes) : Optional.empty();
    }

    @Override
    public void endAbandonedPointInTime(VmId asked) throws IOException {
        if (open.isPresent()) {
            open.get().end();
        }
    }

    @Override
    public List<String> checkpoints(VmId asked) {
        return List.copyOf(checkpoints.keySet());
    }

    @Override
    public void deleteCheckpoint(VmId asked, String checkpoint) {
        if (power == PowerState.SHUT_OFF || !checkpoints.containsKey(checkpoint)) {
            return;
        }
        String parent = null;
        for (String name : checkpoints.keySet()) {
            if (name.equals(checkpoint)) {
                break;
            }
            parent = name;
        }
        Map<DiskName, BitSet> bitmaps = checkpoints.remove(checkpoint);
        if (parent != null) {
            checkpoints.get(parent).forEach((disk, bitmap) -> bitmap.or(bitmaps.get(disk)));
            if (broken.contains(checkpoint)) {
                broken.add(parent);
            }
        }
        broken.remove(checkpoint);
    }

    @Override
    public List<String> reapCheckpoints(VmId asked, Predicate<String> which) {
        new ArrayList<>(checkpoints.keySet()).stream().filter(which).forEach(name -> deleteCheckpoint(asked, name));
        return List.of();
    }

    /** An open point in time; at rest when it has an imprint. */
    private final class Point implements PointInTime {
        private final Instant takenAt;
        private final Optional<Map<DiskName, BitSet>> changed;
        private final List<Path> scratch;
        private final Optional<String> imprint;

        Point(Instant takenAt, Optional<Map<DiskName, BitSet>> changed, List<Path> scratch, Optional<String> imprint) {
            this.takenAt = takenAt;
            this.changed = changed;
            this.scratch = scratch;
            this.imprint = imprint;
        }

        @Override
        public Instant takenAt() {
            return takenAt;
        }

        @Override
        public CaptureDisk open(DiskName disk) {
            return new DyingDisk(DiskInMemory.at(content(disk, takenAt), changed.map(bitmaps -> bitmaps.get(disk))));
        }

        @Override
        public void requireIntact() {
            if (imprint.isPresent() && !imprint(vm, Set.of()).equals(imprint)) {
                throw FailureException.of(FailureCode.HYPERVISOR_BUSY, "VM web01 was started.");
            }
        }

        /** An agent that is dead ends nothing. */
        @Override
        public void close() throws IOException {
            if (!agentIsDead) {
                end();
            }
        }

        private void end() throws IOException {
            for (Path file : scratch) {
                Files.deleteIfExists(file);
            }
            if (open.isPresent() && open.get() == this) {
                open = Optional.empty();
            }
        }
    }

    /** A disk whose reader may die. */
    private final class DyingDisk implements CaptureDisk {
        private final CaptureDisk disk;

        DyingDisk(CaptureDisk disk) {
            this.disk = disk;
        }

        @Override
        public ByteCount size() {
            return disk.size();
        }

        @Override
        public void read(long offset, ByteBuffer target) throws IOException {
            synchronized (HostInMemory.this) {
                readsUntilDeath--;
                agentIsDead |= readsUntilDeath < 0;
                if (agentIsDead) {
                    throw new IOException("the agent died");
                }
            }
            disk.read(offset, target);
        }

        @Override
        public Iterable<Part> parts(Extent within) {
            return disk.parts(within);
        }

        @Override
        public boolean knowsChanges() {
            return disk.knowsChanges();
        }

        @Override
        public Iterable<Extent> changed(Extent within) {
            return disk.changed(within);
        }

        @Override
        public void close() throws IOException {
            disk.close();
        }
    }
}
