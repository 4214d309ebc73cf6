package org.understudy.acceptance;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.NbdPoint;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.hypervisor.RestRequest;
import org.understudy.model.DiskName;

/**
 * A hypervisor that looks at every point in time with other eyes before it ends it: nbdcopy, which shares no code with
 * the product, reads each disk once more, and what it saw is noted. All else is the real hypervisor's.
 */
final class WitnessHypervisor {
    private final Hypervisor real;
    private final WitnessNotes notes;

    private WitnessHypervisor(Hypervisor real, WitnessNotes notes) {
        this.real = real;
        this.notes = notes;
    }

    static Hypervisor over(Hypervisor real, WitnessNotes notes) {
        WitnessHypervisor witness = new WitnessHypervisor(real, notes);
        return (Hypervisor) Proxy.newProxyInstance(Hypervisor.class.getClassLoader(), new Class<?>[] {Hypervisor.class},
                (proxy, method, arguments) -> witness.answer(method, arguments));
    }

    private Object answer(Method method, Object[] arguments) throws Throwable {
        try {
            Object answer = method.invoke(real, arguments);
            return answer instanceof NbdPoint point ? witnessed(point, arguments[1]) : answer;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private WitnessedPoint witnessed(NbdPoint point, Object asked) {
        return switch (asked) {
            case PointInTimeRequest request ->
                    new WitnessedPoint(point, request.checkpoint(), request.scratch().keySet());
            case RestRequest request -> new WitnessedPoint(point, WitnessNotes.AT_REST, request.disks());
            default -> throw new IllegalArgumentException("a point in time asked for by " + asked);
        };
    }

    /** A point in time that is read by nbdcopy when the product has done with it. */
    private final class WitnessedPoint implements NbdPoint {
        private final NbdPoint point;
        private final String checkpoint;
        private final Set<DiskName> disks;

        WitnessedPoint(NbdPoint point, String checkpoint, Set<DiskName> disks) {
            this.point = point;
            this.checkpoint = checkpoint;
            this.disks = disks;
        }

        @Override
        public Instant takenAt() {
            return point.takenAt();
        }

        @Override
        public Path socket(DiskName disk) {
            return point.socket(disk);
        }

        @Override
        public void requireIntact() throws IOException {
            point.requireIntact();
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
                    seen.put(disk, DiskHash.overNbd(point.socket(disk), point.exportName(disk)));
                }
                notes.add(new WitnessNotes.Note(checkpoint, point.takenAt(), seen));
            }
        }
    }
}
