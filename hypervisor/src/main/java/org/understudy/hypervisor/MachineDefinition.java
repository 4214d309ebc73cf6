package org.understudy.hypervisor;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;
import org.w3c.dom.Element;

/**
 * The definition of a VM in its hypervisor's own language (libvirt's domain XML), with the changes a replica needs.
 *
 * <p>Each change answers a new definition and leaves everything it does not name as it was, unknown elements too.
 */
public record MachineDefinition(String xml) {
    /** The namespace of the element by which a host tells the VMs and networks that Understudy made. */
    public static final String NAMESPACE = "https://understudy.example/xmlns/machine/1";

    private static final String MARK = "understudy:item";

    public MachineDefinition {
        Objects.requireNonNull(xml, "xml");
    }

    /** What runs a VM: the processor, or a program that imitates one. */
    public enum Type { KVM, QEMU }

    public String name() {
        return required("name");
    }

    public VmId id() {
        return VmId.parse(required("uuid"));
    }

    /** The disks that have an image file, in the order of the definition; no CD-ROM or floppy drives. */
    public Map<DiskName, Path> disks() {
        Map<DiskName, Path> disks = new LinkedHashMap<>();
        for (Element disk : hardDisks(XmlDocument.parse(xml))) {
            XmlDocument.attribute(disk, "source", "file")
                    .ifPresent(file -> disks.put(diskName(disk), Path.of(file)));
        }
        return disks;
    }

    /** The protected item that this VM was made for; empty for a VM that is not ours. */
    public Optional<ItemId> item() {
        return mark(XmlDocument.parse(xml)).flatMap(mark -> XmlDocument.attribute(mark, "id")).map(ItemId::parse);
    }

    /** Whether it carries our mark. */
    public boolean isOurs() {
        return mark(XmlDocument.parse(xml)).isPresent();
    }

    /** Marked as made by us for an item, which allows us to replace and to remove it. */
    public MachineDefinition forItem(ItemId item) {
        return changed(document -> setMark(document).setAttribute("id", item.toString()));
    }

    /** Marked as made by us. */
    public MachineDefinition ours() {
        return changed(MachineDefinition::setMark);
    }

    /** Without our mark: a VM that was failed over for good is the administrator's own. */
    public MachineDefinition withoutMark() {
        return changed(document -> mark(document).ifPresent(mark -> mark.getParentNode().removeChild(mark)));
    }

    public MachineDefinition withName(String name) {
        return changed(document -> XmlDocument.child(document.root(), "name").setTextContent(name));
    }

    /** With another identity; what the guest reads of it in its firmware tables follows. */
    public MachineDefinition withId(VmId id) {
        return changed(document -> {
            XmlDocument.child(document.root(), "uuid").setTextContent(id.toString());
            document.all("sysinfo/system/entry").stream()
                    .filter(entry -> entry.getAttribute("name").equals("uuid"))
                    .forEach(entry -> entry.setTextContent(id.toString()));
        });
    }

    /** With a disk's content in a file of this host instead of where it was; throws for a disk that it has not. */
    public MachineDefinition withDisk(DiskName name, Path file, String format) {
        return changed(document -> {
            Element disk = hardDisks(document).stream().filter(candidate -> diskName(candidate).equals(name))
                    .findFirst().orElseThrow(() -> new IllegalArgumentException(
                            "VM " + name() + " has no disk " + name));
            XmlDocument.remove(disk, "source", "backingStore", "mirror", "auth", "encryption", "transient", "shareable",
                    "blockio", "geometry", "reservations");
            disk.setAttribute("type", "file");
            disk.setAttribute("device", "disk");
            disk.removeAttribute("sgio");
            disk.removeAttribute("rawio");
            Element driver = XmlDocument.child(disk, "driver");
            driver.setAttribute("name", "qemu");
            driver.setAttribute("type", format);
            Element source = XmlDocument.append(disk, "source");
            source.setAttribute("file", file.toString());
            disk.insertBefore(source, XmlDocument.child(disk, "target"));
        });
    }

    /** With these of its disks alone: the others were not replicated. */
    public MachineDefinition withOnlyDisks(Set<DiskName> names) {
        return changed(document -> hardDisks(document).stream().filter(disk -> !names.contains(diskName(disk)))
                .forEach(disk -> disk.getParentNode().removeChild(disk)));
    }

    /**
     * With an adapter in another network, its hardware unchanged. Connected to nothing, it is a tap device that no
     * bridge holds, with its link down: the guest sees the adapter it knows, without a cable. (libvirt's own kind
     * "null" would say the same, but makes libvirtd 9.0 crash at the VM's start.)
     */
    public MachineDefinition withAdapter(int index, Optional<String> network, Optional<String> portGroup) {
        return changed(document -> {
            List<Element> adapters = document.all("devices/interface");
            if (index < 0 || index >= adapters.size()) {
                throw new IllegalArgumentException("VM " + name() + " has no network adapter " + index);
            }
            connect(adapters.get(index), network, portGroup);
        });
    }

    /** The number of its network adapters. */
    public int adapterCount() {
        return XmlDocument.parse(xml).all("devices/interface").size();
    }

    /** Without what only the host has that it ran on: passed-through devices, paths, addresses, processor pins. */
    public MachineDefinition withoutHostSpecifics() {
        return changed(HostSpecifics::removeFrom);
    }

    public Type type() {
        return XmlDocument.parse(xml).root().getAttribute("type").equals("kvm") ? Type.KVM : Type.QEMU;
    }

    /** Its processor's architecture, in libvirt's words. */
    public String architecture() {
        return XmlDocument.parse(xml).first("os/type").flatMap(type -> XmlDocument.attribute(type, "arch"))
                .orElse("x86_64");
    }

    /** Run by another means; without KVM also without what needs it, on the best processor that QEMU imitates. */
    public MachineDefinition withType(Type type) {
        if (type == type()) {
            return this;
        }
        return changed(document -> {
            document.root().setAttribute("type", type == Type.KVM ? "kvm" : "qemu");
            if (type == Type.QEMU) {
                HostSpecifics.removeKvmFrom(document);
            }
        });
    }

    private static void connect(Element adapter, Optional<String> network, Optional<String> portGroup) {
        boolean wasUnplugged = adapter.getAttribute("type").equals("ethernet");
        XmlDocument.remove(adapter, "source", "target", "virtualport", "vlan", "backend", "script", "ip", "route");
        adapter.removeAttribute("managed");
        adapter.removeAttribute("trustGuestRxFilters");
        if (network.isEmpty()) {
            XmlDocument.remove(adapter, "filterref", "bandwidth", "link", "portOptions");
            adapter.setAttribute("type", "ethernet");
            XmlDocument.append(adapter, "link").setAttribute("state", "down");
            return;
        }
        if (wasUnplugged) {
            XmlDocument.remove(adapter, "link");
        }
        adapter.setAttribute("type", "network");
        Element source = XmlDocument.append(adapter, "source");
        source.setAttribute("network", network.get());
        portGroup.ifPresent(group -> source.setAttribute("portgroup", group));
    }

    private static List<Element> hardDisks(XmlDocument document) {
        return document.all("devices/disk").stream()
                .filter(disk -> !Set.of("cdrom", "floppy").contains(disk.getAttribute("device"))).toList();
    }

    private static DiskName diskName(Element disk) {
        return new DiskName(XmlDocument.attribute(disk, "target", "dev").orElse(""));
    }

    private static Optional<Element> mark(XmlDocument document) {
        return document.first("metadata").map(metadata -> metadata.getElementsByTagNameNS(NAMESPACE, "item"))
                .filter(marks -> marks.getLength() > 0).map(marks -> (Element) marks.item(0));
    }

    private static Element setMark(XmlDocument document) {
        return mark(document).orElseGet(() -> {
            Element metadata = XmlDocument.child(document.root(), "metadata");
            Element mark = metadata.getOwnerDocument().createElementNS(NAMESPACE, MARK);
            metadata.appendChild(mark);
            return mark;
        });
    }

    private MachineDefinition changed(Consumer<XmlDocument> change) {
        XmlDocument document = XmlDocument.parse(xml);
        change.accept(document);
        return new MachineDefinition(document.text());
    }

    private String required(String element) {
        return XmlDocument.parse(xml).first(element).map(found -> found.getTextContent().strip())
                .orElseThrow(() -> new IllegalArgumentException("the definition of a VM has no <" + element + ">"));
    }
}
