package org.understudy.agent.source;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * What keeps a source from opening points in time on a VM that is being shut down: QEMU would have to end with one
 * open, and may leave no bitmaps behind then. Nothing is lost by it, for what the VM writes last is captured when it is
 * off. Ends by itself, so that a guest which takes long to shut down, or does not, is replicated meanwhile. Any thread.
 */
final class CycleHold {
    /** Most guests are off by then; the recovery point grows older by no more than this. */
    static final Duration AT_MOST = Duration.ofSeconds(30);

    private static final long NONE = 0;

    private final AtomicLong until = new AtomicLong(NONE);

    /** Begins, or begins anew. */
    void begin() {
        long end = System.nanoTime() + AT_MOST.toNanos();
        until.set(end == NONE ? 1 : end);
    }

    void end() {
        until.set(NONE);
    }

    /** Throws HYPERVISOR_BUSY while it lasts. */
    void requireNone(String vm) {
        long end = until.get();
        if (end != NONE && end - System.nanoTime() > 0) {
            throw FailureException.of(FailureCode.HYPERVISOR_BUSY, "VM " + vm + " is being shut down for a failover.",
                    "Nothing needs to be done: what it writes last is captured when it is off.");
        }
    }
}
