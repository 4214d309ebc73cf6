package org.understudy.api;

/** What can be asked of a protected item. */
public enum Operation {
    TEST_FAILOVER("test-failover", "test failover"),
    TEST_FAILOVER_CLEANUP("test-failover/cleanup", "clean-up of the test failover"),
    PLANNED_FAILOVER("planned-failover", "planned failover"),
    UNPLANNED_FAILOVER("failover", "failover"),
    CHANGE_RECOVERY_POINT("failover/change-point", "change of the recovery point"),
    ABANDON_FAILOVER("failover/abandon", "abandon the failover"),
    COMMIT("commit", "commit"),
    LET_POINT_GO("points/let-go", "let a kept point go"),
    REVERSE_REPLICATE("reverse", "reverse replicate"),
    COMPLETE_MIGRATION("complete-migration", "complete the migration"),
    PAUSE_REPLICATION("pause", "pause replication"),
    RESUME_REPLICATION("resume", "resume replication"),
    DISABLE_PROTECTION("disable", "disable protection");

    private final String path;
    private final String words;

    Operation(String path, String words) {
        this.path = path;
        this.words = words;
    }

    /** Where it is asked for, below the item: {@code POST /api/v1/items/{item}/} and this. */
    public String path() {
        return path;
    }

    /** For people, within a sentence. */
    public String words() {
        return words;
    }
}
