package org.understudy.vault.item;

/** Why a VM was started at its target: the source was to be left, or was lost. */
public enum FailoverKind {
    /** The source was shut down first and its last changes were carried over; nothing of the guest's is lost. */
    PLANNED,
    /** Nothing was needed of the source; what it had not shipped is lost. */
    UNPLANNED
}
