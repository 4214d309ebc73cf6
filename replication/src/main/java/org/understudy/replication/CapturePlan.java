package org.understudy.replication;

/** What the capture loop does next. Made by {@link ReplicationPlanner}. */
public sealed interface CapturePlan {
    /** Capture the next slice at once: initial replication does not wait for the copy frequency. */
    record CaptureSlice() implements CapturePlan {}

    /** Capture the changes when the copy frequency says so. */
    record CaptureChanges() implements CapturePlan {}

    /** Capture nothing: as many cycles wait as may; the dirty bitmap remembers meanwhile. */
    record AwaitTarget(long waitingCycles) implements CapturePlan {}
}
