package org.understudy.replication;

/** What the capture loop does next. Made by {@link ReplicationPlanner}. */
public sealed interface CapturePlan {
    /** Capture the next slice at once: initial replication does not wait for the copy frequency. */
    record CaptureSlice() implements CapturePlan {}

    /** Capture the changes when the copy frequency says so. */
    record CaptureChanges() implements CapturePlan {}

    /** Capture nothing: as many cycles wait as may; the dirty bitmap remembers meanwhile. */
    record AwaitTarget(long waitingCycles) implements CapturePlan {}

    /** Capture nothing until the target told what it holds: what is equal there is then left out. */
    record AwaitComparison() implements CapturePlan {}

    /** What changed is not known any more: cover every disk anew over what the target holds, in the same chain. */
    record CoverAnew(String reason) implements CapturePlan {}
}
