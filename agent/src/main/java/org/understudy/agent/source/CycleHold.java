package org.understudy.agent.source;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * What keeps a source from opening points in time on a VM that runs, because somebody needs it without one: nothing is
 * lost by it, for what the VM writes meanwhile is captured afterwards. Each reason ends by itself, so that a VM whose
 * holder dies, or takes long, is replicated again. Any thread.
 */
final class CycleHold {
    /** Most guests are off by then; the recovery point grows older by no more than this. */
    static final Duration AT_MOST = Duration.ofSeconds(30);

    /** Why cycles are held. */
    enum Reason {
        /** QEMU would have to end with a point in time open, and may leave no bitmaps behind then. */
        SHUT_DOWN,
        /** A job on one of its disks and a point in time exclude each other in libvirt. */
        HAND_OVER
    }

    /** @param until of the monotonic clock, in nanoseconds */
    private record Held(long until, String what, String action) {}

    private final Map<Reason, Held> held = new ConcurrentHashMap<>();

    /** Begins for a shutdown, or begins anew. */
    void begin() {
        begin(Reason.SHUT_DOWN, "is being shut down for a failover",
                "Nothing needs to be done: what it writes last is captured when it is off.");
    }

    /** Begins, or begins anew, with these words after the VM's name. */
    void begin(Reason reason, String what, String action) {
        held.put(reason, new Held(System.nanoTime() + AT_MOST.toNanos(), what, action));
    }

    /** Whether there was one. */
    boolean end(Reason reason) {
        return held.remove(reason) != null;
    }

    /** Throws HYPERVISOR_BUSY while one lasts. */
    void requireNone(String vm) {
        for (Held one : held.values()) {
            if (one.until() - System.nanoTime() > 0) {
                throw FailureException.of(
                        FailureCode.HYPERVISOR_BUSY, "VM " + vm + " " + one.what() + ".", one.action());
            }
        }
    }
}
