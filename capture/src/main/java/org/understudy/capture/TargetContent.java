package org.understudy.capture;

/** What the replica holds where initial replication has not been yet. */
public enum TargetContent {
    /** Zeroes: what is zero at the source need not be said. */
    BLANK,
    /** Anything, such as an older state: zeroes are said as well. */
    UNKNOWN
}
