package org.understudy.api;

/** What can be asked of a protected item. */
public enum Operation {
    TEST_FAILOVER, TEST_FAILOVER_CLEANUP, UNPLANNED_FAILOVER, ABANDON_FAILOVER, COMMIT, PAUSE_REPLICATION,
    RESUME_REPLICATION, DISABLE_PROTECTION
}
