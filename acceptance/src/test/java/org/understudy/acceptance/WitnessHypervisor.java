package org.understudy.acceptance;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.PointInTime;
import org.understudy.hypervisor.PointInTimeRequest;
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
            return answer instanceof PointInTime point && arguments[1] instanceof PointInTimeRequest request
                    ? new WitnessedPoint(point, request) : answer;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** A point in time that is read by nbdcopy when the product has done with it. */
    private final class WitnessedPoint implements PointInTime {
        private final PointInTime point;
        private final PointInTimeRequest request;

        WitnessedPoint(PointInTime point, PointInTimeRequest request) {
            this.point = point;
            this.request = request;
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
                for (DiskName disk : request.scratch().keySet()) {
                    seen.put(disk, DiskHash.overNbd(point.socket(disk), point.exportName(disk)));
                }
                notes.add(new WitnessNotes.Note(request.checkpoint(), point.takenAt(), seen));
            }
        }
    }
}
