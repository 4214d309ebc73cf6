package org.understudy.hypervisor;

/** What becomes of a VM's firmware variables and of the state of its TPM when its definition is removed. */
public enum FirmwareState {
    /** Deleted with it: that of a VM whose name and UUID are ours alone, as of a test. */
    GOES,
    /** Stays at the host: it may be of an earlier life of the VM there, with keys that nothing else has. */
    STAYS
}
