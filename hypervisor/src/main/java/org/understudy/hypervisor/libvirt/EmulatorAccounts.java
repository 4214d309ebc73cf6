package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.understudy.disk.EmulatorAccount;
import org.understudy.hypervisor.XmlDocument;

/**
 * As which accounts QEMU runs here: libvirt's {@code dac} security model says it of the host and of each running VM, so
 * neither {@code qemu.conf} nor the names of a distribution need to be known.
 */
final class EmulatorAccounts {
    private EmulatorAccounts() {}

    /** What the host gives a VM whose definition says nothing. */
    static EmulatorAccount ofHost(MemorySegment libvirt) throws LibvirtException, IOException {
        Optional<EmulatorAccount> told =
                inCapabilities(XmlDocument.parse(LibvirtLibrary.virConnectGetCapabilities(libvirt)));
        // A libvirt of one user (qemu:///session) has no such model: VMs are that user's, and so are we.
        return told.isPresent() ? told.get() : EmulatorAccount.own();
    }

    /** As which account a VM runs, by its live definition; empty when that does not say it in numbers. */
    static Optional<EmulatorAccount> ofMachine(XmlDocument live) {
        return live.all("seclabel").stream()
                .filter(label -> label.getAttribute("model").equals("dac"))
                .flatMap(label -> XmlDocument.first(label, "label").stream())
                .flatMap(label -> EmulatorAccount.ofLabel(label.getTextContent()).stream())
                .findFirst();
    }

    static Optional<EmulatorAccount> inCapabilities(XmlDocument capabilities) {
        return capabilities.all("host/secmodel").stream()
                .filter(model -> XmlDocument.first(model, "model")
                        .filter(name -> name.getTextContent().strip().equals("dac")).isPresent())
                .flatMap(model -> XmlDocument.all(model, "baselabel").stream())
                .flatMap(label -> EmulatorAccount.ofLabel(label.getTextContent()).stream())
                .findFirst();
    }
}
