package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/**
 * The recovery points of a replica that no retention drops, until somebody lets them go by name; {@code pins.json},
 * absent when there was never one. Durable first, then believed. Asked by any thread, changed by one at a time.
 */
final class Pins {
    private final Path file;
    private volatile Set<LogPosition> pinned;

    private Pins(Path file, Set<LogPosition> pinned) {
        this.file = file;
        this.pinned = Set.copyOf(pinned);
    }

    /** What the file says. */
    record Record(List<LogPosition> pinned) {
        Record {
            pinned = List.copyOf(pinned);
        }
    }

    static Pins open(Path file) throws IOException {
        return new Pins(file, ReplicaJson.read(file, Record.class).map(record -> Set.copyOf(record.pinned()))
                .orElse(Set.of()));
    }

    /** Those of a replica that is not open, in its folder; none where that cannot be read. */
    static Set<LogPosition> in(Path home) {
        try {
            return open(new ReplicaFolder(home).pins()).all();
        } catch (IOException | FailureException e) {
            return Set.of();
        }
    }

    /** The refusal of what would delete a kept point; {@code why} ends its sentence. */
    static FailureException keeps(ReplicaSpec spec, LogPosition point, String why) {
        return FailureException.of(FailureCode.STATE_FORBIDS, "The replica of VM " + spec.vmName() + " keeps point "
                + point + ", what the disks held here when the VM ran elsewhere already; that is nowhere else, and "
                + why + ".", "Look at it first if you like (understudy failover test " + spec.vmName() + " --point "
                + point + "), then let it go: understudy point let-go " + spec.vmName() + " " + point);
    }

    Set<LogPosition> all() {
        return pinned;
    }

    /** Answers whether it was pinned. */
    boolean letGo(LogPosition position) throws IOException {
        if (!pinned.contains(position)) {
            return false;
        }
        List<LogPosition> left = pinned.stream().filter(other -> !other.equals(position))
                .sorted(LogPosition.ORDER).toList();
        ReplicaJson.write(file, new Record(left));
        pinned = Set.copyOf(left);
        return true;
    }
}
