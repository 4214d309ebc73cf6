package org.understudy.api;

import java.util.List;
import java.util.Optional;
import org.understudy.model.CloudId;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.SiteId;
import org.understudy.model.VirtualMachine;

/**
 * A protectable item: a VM that a host reported (F-02).
 *
 * @param readinessErrors why it cannot be protected; empty when it can, or is
 */
public record MachineView(
        VirtualMachine machine, Named<HostId> host, Optional<Named<SiteId>> site, Optional<Named<CloudId>> cloud,
        ProtectionStatus protectionStatus, Optional<ItemId> item, List<ReadinessError> readinessErrors) {
    public MachineView {
        readinessErrors = List.copyOf(readinessErrors);
    }

    /** Whether a protected item exists for the VM. */
    public enum ProtectionStatus { UNPROTECTED, BEING_PROTECTED, PROTECTED }
}
