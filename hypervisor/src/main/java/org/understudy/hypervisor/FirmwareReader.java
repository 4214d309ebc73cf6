package org.understudy.hypervisor;

import java.io.IOException;
import java.util.Optional;
import org.understudy.model.VmId;

/**
 * Reads what the firmware and the TPM of a host's VMs keep, whether a VM runs or is shut off; changes nothing, and no
 * guest waits for it. Safe for many threads.
 */
public interface FirmwareReader {
    /**
     * Looks at what a VM keeps. Where nobody wrote since an earlier look, that one is answered and nothing is read.
     *
     * @param last an earlier look at the same VM
     * @throws org.understudy.model.FailureException VM_NOT_FOUND_AT_SOURCE
     * @throws IOException when the hypervisor cannot be reached
     */
    FirmwareReading read(VmId vm, Optional<FirmwareReading.Held> last) throws IOException;
}
