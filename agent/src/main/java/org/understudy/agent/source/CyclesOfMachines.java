package org.understudy.agent.source;

import org.understudy.model.VmId;

/** What may keep a VM's cycles from beginning while its disks are worked on; any thread. */
public interface CyclesOfMachines {
    /**
     * Lets no cycle begin on a VM for half a minute, or anew; one that is open goes on to its end. Nothing where this
     * host is not its source.
     *
     * @param what the VM's name goes before it, as in "gets its disks"
     */
    void hold(VmId vm, String what);

    /** Ends that; cycles that waited for it begin. */
    void letGo(VmId vm);
}
