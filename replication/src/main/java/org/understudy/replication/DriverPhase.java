package org.understudy.replication;

/** What a driver is about. Whether it gets on is told apart, by {@link Trouble}. */
public enum DriverPhase {
    /** The front has not reached the end of all disks: cycles follow each other at once. */
    INITIAL_REPLICATION,
    /** Every cycle is a recovery point: cycles follow the copy frequency. */
    REPLICATING,
    /** Stopped by itself for a failure that needs a hand; goes on when {@link ReplicationDriver#resume} is called. */
    HALTED,
    /** Ended, for good. */
    STOPPED
}
