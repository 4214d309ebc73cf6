package org.understudy.vault.item;

/** What the target host has of a protected VM, and so what may be removed there. */
public enum TargetCopy {
    /** Disks that nothing runs from. */
    REPLICA,
    /** A failover began to start the VM: it may be defined, and have run. */
    BEGAN_TO_START,
    /** The VM itself, which is kept. */
    RUNS
}
