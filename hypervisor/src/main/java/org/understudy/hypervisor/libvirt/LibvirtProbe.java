package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.understudy.disk.EmulatorAccount;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.FailureException;
import org.w3c.dom.Element;

/**
 * What this host's libvirt says that it can do, asked of it and not read from a version.
 *
 * @param emulator the program that runs VMs of this machine's kind
 * @param accelerated whether libvirt offers KVM to VMs
 * @param kvmTrouble why KVM that is offered does not work, in QEMU's words; empty when it does
 * @param backup whether it takes points in time of running VMs with what changed since the one before
 * @param firmware whether UEFI firmware is there for a VM
 * @param tpm whether it emulates a TPM for a VM
 * @param confinement the security models besides that of file owners, such as apparmor
 * @param account as which QEMU runs
 */
public record LibvirtProbe(
        String emulator, boolean accelerated, Optional<String> kvmTrouble, boolean backup, boolean firmware,
        boolean tpm, List<String> confinement, EmulatorAccount account) {
    /** Asks once, and tries KVM if it is offered. */
    static LibvirtProbe of(LibvirtConnection connection) throws IOException {
        LibvirtProbe offered = offered(connection);
        return offered.accelerated() ? offered.tried() : offered;
    }

    private LibvirtProbe tried() {
        return new LibvirtProbe(emulator, accelerated, KvmTrial.refusal(emulator, account), backup, firmware, tpm,
                confinement, account);
    }

    private static LibvirtProbe offered(LibvirtConnection connection) throws IOException {
        return connection.call("tell what it can do", libvirt -> {
            XmlDocument host = XmlDocument.parse(LibvirtLibrary.virConnectGetCapabilities(libvirt));
            String architecture = host.first("host/cpu/arch").map(Element::getTextContent).orElse("x86_64");
            Optional<XmlDocument> kvm = domain(libvirt, architecture, "kvm");
            XmlDocument domain = kvm.isPresent() ? kvm.get() : XmlDocument.parse(
                    LibvirtLibrary.virConnectGetDomainCapabilities(libvirt, architecture, "qemu"));
            return new LibvirtProbe(
                    domain.first("path").map(Element::getTextContent).orElse(""), kvm.isPresent(), Optional.empty(),
                    isSupported(domain, "features/backup"), hasValue(domain, "os/enum", "firmware", "efi"),
                    hasValue(domain, "devices/tpm/enum", "backendModel", "emulator"), confinement(host),
                    EmulatorAccounts.ofHost(libvirt));
        });
    }

    private static Optional<XmlDocument> domain(
            java.lang.foreign.MemorySegment libvirt, String architecture, String type) {
        try {
            return Optional.of(XmlDocument.parse(
                    LibvirtLibrary.virConnectGetDomainCapabilities(libvirt, architecture, type)));
        } catch (LibvirtException | FailureException unsupported) {
            return Optional.empty();
        }
    }

    private static boolean isSupported(XmlDocument domain, String feature) {
        return domain.first(feature).flatMap(it -> XmlDocument.attribute(it, "supported"))
                .filter("yes"::equals).isPresent();
    }

    private static boolean hasValue(XmlDocument domain, String path, String name, String value) {
        return domain.all(path).stream()
                .filter(it -> it.getAttribute("name").equals(name))
                .flatMap(it -> XmlDocument.all(it, "value").stream())
                .anyMatch(it -> it.getTextContent().strip().equals(value));
    }

    private static List<String> confinement(XmlDocument host) {
        return host.all("host/secmodel/model").stream().map(it -> it.getTextContent().strip())
                .filter(model -> !model.equals("dac") && !model.equals("none")).toList();
    }
}
