package org.understudy.hypervisor;

import org.understudy.model.VmId;

/** Something happened to a VM of the host. */
public record MachineEvent(VmId vm, Kind kind) {
    /** What happened, in libvirt's words for the life of a domain. */
    public enum Kind { DEFINED, UNDEFINED, STARTED, SUSPENDED, RESUMED, STOPPED }
}
