package org.understudy.acceptance;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.MachineEvent;
import org.understudy.hypervisor.PointInTime;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.model.DiskName;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualNetwork;
import org.understudy.model.VmId;

/**
 * A hypervisor that looks at every point in time with other eyes before it ends it: nbdcopy, which shares no code with
 * the product, reads each disk once more, and what it saw is noted. All else is the real hypervisor's.
 */
final class WitnessHypervisor implements Hypervisor {
    private final Hypervisor real;
    private final WitnessNotes notes;

    WitnessHypervisor(Hypervisor real, WitnessNotes notes) {
        this.real = real;
        this.notes = notes;
    }

    @Override
    public PointInTime beginPointInTime(VmId vm, PointInTimeRequest request) throws IOException {
        return new WitnessedPoint(real.beginPointInTime(vm, request), request.checkpoint(), request.scratch().keySet());
    }

    /** A point in time that is read by nbdcopy when the product has done with it. */
    private final class WitnessedPoint implements PointInTime {
        private final PointInTime point;
        private final String checkpoint;
        private final Set<DiskName> disks;

        WitnessedPoint(PointInTime point, String checkpoint, Set<DiskName> disks) {
            this.point = point;
            this.checkpoint = checkpoint;
            this.disks = disks;
        }

        @Override
        public Instant takenAt() {
            return point.takenAt();
        }

        @Override
        public Path socket() {
            return point.socket();
        }

        @Override
        public String exportName(DiskName disk) {
            return point.exportName(disk);
        }

        @Override
        public Optional<String> dirtyContext(DiskName disk) {
            return point.dirtyContext(disk);
        }

        @Override
        public void close() throws IOException {
            try (point) {
                Map<DiskName, String> seen = new TreeMap<>();
                for (DiskName disk : disks) {
                    seen.put(disk, DiskHash.overNbd(point.socket(), point.exportName(disk)));
                }
                notes.add(new WitnessNotes.Note(checkpoint, point.takenAt(), seen));
            }
        }
    }

    @Override
    public List<VirtualMachine> machines() throws IOException {
        return real.machines();
    }

    @Override
    public Optional<VirtualMachine> machine(VmId vm) throws IOException {
        return real.machine(vm);
    }

    @Override
    public List<VirtualNetwork> networks() throws IOException {
        return real.networks();
    }

    @Override
    public MachineDefinition definition(VmId vm) throws IOException {
        return real.definition(vm);
    }

    @Override
    public MachineDefinition adapted(MachineDefinition definition) throws IOException {
        return real.adapted(definition);
    }

    @Override
    public void endAbandonedPointInTime(VmId vm) throws IOException {
        real.endAbandonedPointInTime(vm);
    }

    @Override
    public List<String> checkpoints(VmId vm) throws IOException {
        return real.checkpoints(vm);
    }

    @Override
    public void deleteCheckpoint(VmId vm, String checkpoint) throws IOException {
        real.deleteCheckpoint(vm, checkpoint);
    }

    @Override
    public void define(MachineDefinition definition) throws IOException {
        real.define(definition);
    }

    @Override
    public void undefine(VmId vm) throws IOException {
        real.undefine(vm);
    }

    @Override
    public void start(VmId vm) throws IOException {
        real.start(vm);
    }

    @Override
    public void requestShutdown(VmId vm) throws IOException {
        real.requestShutdown(vm);
    }

    @Override
    public void destroy(VmId vm) throws IOException {
        real.destroy(vm);
    }

    @Override
    public void createIsolatedNetwork(String name) throws IOException {
        real.createIsolatedNetwork(name);
    }

    @Override
    public void removeIsolatedNetwork(String name) throws IOException {
        real.removeIsolatedNetwork(name);
    }

    @Override
    public AutoCloseable onMachineEvent(Consumer<MachineEvent> listener) throws IOException {
        return real.onMachineEvent(listener);
    }

    @Override
    public void close() {
        real.close();
    }
}
