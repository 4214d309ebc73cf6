package org.understudy.hypervisor;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
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

    /** What an agent sends to another: room for hundreds of devices, and no more for whoever would fill its memory. */
    public static final int TRAVELS_MAX = 256 << 10;

    /** The namespace of the one element by which a VM itself carries the role that it has at its host. */
    public static final String ROLE_NAMESPACE = "https://understudy.example/xmlns/role/1";

    private static final String MARK = "understudy:item";
    private static final String AUTOSTART = "autostart";

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

    /** Why it cannot be sent to a target, in sentences, when it is longer than {@value #TRAVELS_MAX} bytes. */
    public Optional<String> tooLong() {
        int bytes = xml.getBytes(StandardCharsets.UTF_8).length;
        return bytes <= TRAVELS_MAX ? Optional.empty() : Optional.of("Its definition is " + bytes + " bytes long, and "
                + TRAVELS_MAX + " can be sent to a target. Shorten it (virsh edit), by notes of other programs in "
                + "its metadata for example.");
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

    /** The addresses of its network adapters, in the order of the definition. */
    public List<String> adapterAddresses() {
        return XmlDocument.parse(xml).all("devices/interface").stream()
                .map(adapter -> XmlDocument.attribute(adapter, "mac", "address").orElse("")).toList();
    }

    /** The networks of its host's libvirt that its adapters are on, by libvirt's names. */
    public List<String> libvirtNetworks() {
        return XmlDocument.parse(xml).all("devices/interface").stream()
                .flatMap(adapter -> XmlDocument.attribute(adapter, "source", "network").stream()).distinct().toList();
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

    /** With a note of the role that it has at its host, instead of the one it had. */
    public MachineDefinition withRole(String role) {
        return changed(document -> {
            Element metadata = XmlDocument.child(document.root(), "metadata");
            XmlDocument.children(metadata).stream().filter(child -> ROLE_NAMESPACE.equals(child.getNamespaceURI()))
                    .forEach(XmlDocument::remove);
            Element note = metadata.getOwnerDocument().createElementNS(ROLE_NAMESPACE, "understudy:role");
            note.setAttribute("value", role);
            metadata.appendChild(note);
        });
    }

    /** The role that it carries a note of. */
    public Optional<String> role() {
        return XmlDocument.parse(xml).first("metadata").flatMap(metadata -> XmlDocument.children(metadata).stream()
                .filter(child -> ROLE_NAMESPACE.equals(child.getNamespaceURI())).findFirst())
                .map(note -> note.getAttribute("value"));
    }

    /** Whether a job on a disk has brought what it writes to as far as the disk, in the words of the running VM. */
    public boolean isMirrorReady(DiskName disk) {
        return XmlDocument.parse(xml).all("devices/disk").stream()
                .filter(found -> XmlDocument.attribute(found, "target", "dev").equals(Optional.of(disk.value())))
                .anyMatch(found -> XmlDocument.attribute(found, "mirror", "ready").equals(Optional.of("yes")));
    }

    /** With another image file for a disk that has one. */
    public MachineDefinition withImage(DiskName disk, Path image) {
        return changed(document -> document.all("devices/disk").stream()
                .filter(found -> XmlDocument.attribute(found, "target", "dev").equals(Optional.of(disk.value())))
                .forEach(found -> {
                    XmlDocument.first(found, "source").ifPresent(source ->
                            source.setAttribute("file", image.toString()));
                    // What another image rests on is read from that one.
                    XmlDocument.first(found, "backingStore").ifPresent(XmlDocument::remove);
                }));
    }

    /** With another file for its UEFI variables, if it names one. */
    public MachineDefinition withVariables(Path file) {
        return changed(document -> document.all("os/nvram").forEach(nvram -> nvram.setTextContent(file.toString())));
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

    /**
     * Its disks and, for each, whether the guest may only read it; no CD-ROM or floppy drives.
     *
     * @param readOnly such a disk is not replicated
     */
    public record HardDisk(DiskName name, boolean readOnly) {}

    /** The disks that the guest sees, in the order of the definition. */
    public List<HardDisk> hardDisks() {
        return hardDisks(XmlDocument.parse(xml)).stream()
                .filter(disk -> XmlDocument.attribute(disk, "target", "dev").isPresent())
                .map(disk -> new HardDisk(diskName(disk), XmlDocument.first(disk, "readonly").isPresent()))
                .toList();
    }

    /**
     * This, how the VM will be at its next start, with the disks, drives and adapters that were plugged into the
     * running VM alone: they hold what its guest works with, and its next start may be at another host.
     *
     * @param running how the VM is now
     */
    public MachineDefinition withPluggedIn(MachineDefinition running) {
        XmlDocument document = XmlDocument.parse(xml);
        return PluggedIn.into(document, XmlDocument.parse(running.xml()))
                ? new MachineDefinition(document.text()) : this;
    }

    public Type type() {
        return XmlDocument.parse(xml).root().getAttribute("type").equals("kvm") ? Type.KVM : Type.QEMU;
    }

    /** Its kind of machine, in libvirt's words; empty for the usual one. */
    public Optional<String> machine() {
        return XmlDocument.parse(xml).first("os/type").flatMap(type -> XmlDocument.attribute(type, "machine"));
    }

    /** Whether it has a device of a kind. */
    boolean has(String kind) {
        return XmlDocument.parse(xml).first("devices/" + kind).isPresent();
    }

    /** Without its devices of a kind. */
    MachineDefinition without(String kind) {
        return changed(document -> document.removeAll("devices/" + kind));
    }

    /** Whether its host starts it when the host itself starts; noted in a definition that travels. */
    public boolean autostart() {
        return XmlDocument.parse(xml).first("metadata").map(metadata ->
                metadata.getElementsByTagNameNS(NAMESPACE, AUTOSTART).getLength() > 0).orElse(false);
    }

    /** With a note whether its host starts it by itself, which libvirt keeps elsewhere. */
    public MachineDefinition withAutostart(boolean autostart) {
        if (autostart == autostart()) {
            return this;
        }
        return changed(document -> {
            Element metadata = XmlDocument.child(document.root(), "metadata");
            if (autostart) {
                metadata.appendChild(metadata.getOwnerDocument().createElementNS(
                        NAMESPACE, "understudy:" + AUTOSTART));
            } else {
                XmlDocument.children(metadata).stream().filter(child -> NAMESPACE.equals(child.getNamespaceURI())
                        && AUTOSTART.equals(child.getLocalName())).forEach(XmlDocument::remove);
            }
        });
    }

    /** Its processor's architecture, in libvirt's words. */
    public String architecture() {
        return XmlDocument.parse(xml).first("os/type").flatMap(type -> XmlDocument.attribute(type, "arch"))
                .orElse("x86_64");
    }

    /** Whether an element of a definition is a drive for media that the guest does not write to. */
    static boolean isDrive(Element disk) {
        return Set.of("cdrom", "floppy").contains(disk.getAttribute("device"));
    }

    /** Where a disk, medium or folder is at its host, for people. */
    static String place(Element source) {
        return Stream.of("file", "dev", "dir", "name", "volume").map(source::getAttribute)
                .filter(place -> !place.isEmpty()).findFirst().orElse("");
    }

    private static List<Element> hardDisks(XmlDocument document) {
        return document.all("devices/disk").stream()
                .filter(disk -> !isDrive(disk)).toList();
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
