package org.understudy.hypervisor;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.understudy.model.VmId;

/** Where a host keeps what firmware and TPM of its VMs remember, and where that of a VM from elsewhere is laid down. */
public interface FirmwareStore extends FirmwareReader {
    /**
     * Lays down what a VM finds at its first start here; durable when this returns. The VM is shut off or not defined.
     * Asked again it finds it there.
     *
     * <p>What lies there and is neither this nor known elsewhere is set aside under another name beside it: it may be
     * of an earlier life of the VM at this host, with keys that nothing else has.
     *
     * @param known what may be replaced, for it is kept elsewhere
     * @return what was set aside, each a sentence
     */
    List<String> place(FirmwarePlacement placement, Optional<FirmwareBundle> known) throws IOException;

    /** Takes back what was laid down for a VM that was not defined after all, where it is still exactly that. */
    void takeBack(FirmwarePlacement placement) throws IOException;

    /** Removes what lies here of a VM whose identity is ours alone, as that of a test; it is not defined. */
    void remove(VmId vm) throws IOException;
}
