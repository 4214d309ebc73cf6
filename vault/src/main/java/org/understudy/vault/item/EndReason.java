package org.understudy.vault.item;

/** Why the protection of an item ends (M-04). */
public enum EndReason {
    /** Somebody asked for it and said no more. */
    NOT_SPECIFIED,
    /** The VM has moved to the target for good. */
    MIGRATION_COMPLETE
}
