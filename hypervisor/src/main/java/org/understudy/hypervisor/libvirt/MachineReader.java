package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.NetworkAdapter;
import org.understudy.model.NetworkKind;
import org.understudy.model.Portability;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;
import org.w3c.dom.Element;

/**
 * What a domain's XML and the headers of its images say of a VM, with what hinders the tracking of each disk.
 *
 * <p>Cheap enough to be asked of every VM every few seconds: five calls to libvirt for a VM and one small read for a
 * disk. Only a disk without an image file costs one more call.
 */
final class MachineReader {
    private static final Set<String> NO_HARD_DISK = Set.of("cdrom", "floppy");
    /**
     * Neither the flag for secrets nor the one for migration, which brings them along: what is read here travels and
     * lies in files, and passwords of consoles stay with libvirt.
     */
    private static final int NEXT_START = LibvirtLibrary.VIR_DOMAIN_XML_INACTIVE;
    private static final int AS_IT_RUNS = 0;

    private static final PortabilityCache PORTABILITY = new PortabilityCache();

    private MachineReader() {}

    static VirtualMachine read(MemorySegment domain) throws LibvirtException {
        PowerState power = power(domain);
        // Without the inactive flag a running VM shows what it has now: its current images, an active mirror.
        XmlDocument xml = XmlDocument.parse(LibvirtLibrary.virDomainGetXMLDesc(domain, 0));
        MachineDefinition definition = definition(domain);
        VirtualMachine running = describe(xml, power, device ->
                LibvirtBackups.isBlockJobRunning(domain, devices(xml)) ? ByteCount.ZERO : capacity(domain, device));
        return new VirtualMachine(running.id(), running.name(), power, running.disks(),
                adapters(XmlDocument.parse(definition.xml())), PORTABILITY.of(definition));
    }

    /**
     * How a VM will be at its next start, wherever that is: as defined, with what was plugged into it while it runs
     * (decision 21). The same text that its inventory, its replica and a failover are made from.
     */
    static MachineDefinition definition(MemorySegment domain) throws LibvirtException {
        MachineDefinition definition = new MachineDefinition(
                LibvirtLibrary.virDomainGetXMLDesc(domain, NEXT_START));
        if (power(domain) != PowerState.SHUT_OFF) {
            definition = definition.withPluggedIn(
                    new MachineDefinition(LibvirtLibrary.virDomainGetXMLDesc(domain, AS_IT_RUNS)));
        }
        boolean autostart = LibvirtHostLibrary.virDomainIsPersistent(domain)
                && LibvirtHostLibrary.virDomainGetAutostart(domain);
        return definition.withAutostart(autostart);
    }

    /** A VM that cannot be read, which hides no other and says why. */
    static VirtualMachine unreadable(MemorySegment domain, RuntimeException e) throws LibvirtException {
        return new VirtualMachine(VmId.parse(LibvirtLibrary.virDomainGetUUIDString(domain)),
                LibvirtLibrary.virDomainGetName(domain), power(domain), List.of(), List.of(),
                Portability.FULL.withObstacle("Its definition cannot be read by the agent: " + e.getMessage() + "."));
    }

    /**
     * Asks for the size of a disk that has no image file; 0 when it cannot be asked for, also while a block job works
     * on the VM: libvirt asks QEMU for all its nodes then, of which one (7.2) died in the moment in which a pull ended.
     */
    @FunctionalInterface
    interface Capacity {
        ByteCount of(String device);
    }

    static VirtualMachine describe(XmlDocument xml, PowerState power, Capacity capacity) {
        VmId id = VmId.parse(text(xml, "uuid"));
        String name = text(xml, "name");
        List<VirtualDisk> disks = new ArrayList<>();
        for (Element disk : xml.all("devices/disk")) {
            if (!isMedium(disk)) {
                disks.add(disk(name, disk, capacity));
            }
        }
        return new VirtualMachine(id, name, power, disks, adapters(xml));
    }

    static PowerState power(MemorySegment domain) throws LibvirtException {
        return switch (LibvirtLibrary.virDomainGetState(domain)) {
            case LibvirtLibrary.VIR_DOMAIN_RUNNING, LibvirtLibrary.VIR_DOMAIN_BLOCKED,
                 LibvirtLibrary.VIR_DOMAIN_SHUTDOWN -> PowerState.RUNNING;
            case LibvirtLibrary.VIR_DOMAIN_PAUSED, LibvirtLibrary.VIR_DOMAIN_PMSUSPENDED -> PowerState.PAUSED;
            // Its guest is dead, and its QEMU keeps the disks open (on_crash preserve).
            case LibvirtLibrary.VIR_DOMAIN_CRASHED -> PowerState.CRASHED;
            default -> PowerState.SHUT_OFF;
        };
    }

    /** Every disk of the domain by its target device, media included, for the lists of a backup. */
    static List<String> devices(XmlDocument xml) {
        return xml.all("devices/disk").stream()
                .map(disk -> XmlDocument.attribute(disk, "target", "dev").orElse("")).toList();
    }

    static String text(XmlDocument xml, String element) {
        return xml.first(element).map(found -> found.getTextContent().strip()).orElse("");
    }

    /** A drive with media, or a disk that the guest cannot change: nothing to protect. */
    private static boolean isMedium(Element disk) {
        return NO_HARD_DISK.contains(disk.getAttribute("device")) || XmlDocument.first(disk, "readonly").isPresent();
    }

    private static VirtualDisk disk(String vm, Element disk, Capacity capacity) {
        DiskName name = new DiskName(XmlDocument.attribute(disk, "target", "dev").orElse(""));
        String format = XmlDocument.attribute(disk, "driver", "type").orElse("raw");
        String of = "Disk " + name + " of VM " + vm + " ";
        Optional<String> file = XmlDocument.attribute(disk, "source", "file");
        Optional<String> settled = obstacleOfDefinition(disk, format);
        if (file.isEmpty()) {
            return new VirtualDisk(name, place(disk), format, capacity.of(name.value()),
                    Optional.of(of + settled.orElse("has no image file") + "."));
        }
        Image image = Image.of(Path.of(file.get()), format);
        return new VirtualDisk(name, file.get(), format, image.size(),
                settled.or(image::obstacle).map(reason -> of + reason + "."));
    }

    private static Optional<String> obstacleOfDefinition(Element disk, String format) {
        String type = disk.getAttribute("type");
        if (disk.getAttribute("device").equals("lun")) {
            return Optional.of("is a SCSI LUN passed through to the guest (device='lun')");
        }
        switch (type) {
            case "block" -> {
                return Optional.of("is the block device " + place(disk) + " of the host, not an image file");
            }
            case "network", "volume", "nvme", "vhostuser", "vhostvdpa", "dir" -> {
                return Optional.of("is of the kind \"" + type + "\", not an image file of the host");
            }
            default -> { }
        }
        if (XmlDocument.first(disk, "shareable").isPresent()) {
            return Optional.of("is shared with other VMs (shareable)");
        }
        if (XmlDocument.first(disk, "transient").isPresent()) {
            return Optional.of("is transient: its changes are thrown away when the VM stops");
        }
        if (XmlDocument.first(disk, "encryption").or(() -> XmlDocument.first(disk, "source/encryption")).isPresent()) {
            return Optional.of("is encrypted");
        }
        if (XmlDocument.first(disk, "mirror").isPresent()) {
            return Optional.of(VirtualDisk.IN_A_JOB);
        }
        if (!format.equals("qcow2")) {
            return Optional.of("has the format " + format + ", which keeps no dirty bitmaps; "
                    + "convert it: qemu-img convert -O qcow2");
        }
        return Optional.empty();
    }

    /** Where a disk without an image file is, for people. */
    private static String place(Element disk) {
        return XmlDocument.first(disk, "source").map(source -> {
            String volume = String.join("/", List.of(source.getAttribute("protocol"), source.getAttribute("pool"),
                    source.getAttribute("volume"), source.getAttribute("name")).stream()
                    .filter(part -> !part.isEmpty()).toList());
            return XmlDocument.attribute(source, "dev").orElse(volume);
        }).orElse("");
    }

    private static List<NetworkAdapter> adapters(XmlDocument xml) {
        List<NetworkAdapter> adapters = new ArrayList<>();
        for (Element adapter : xml.all("devices/interface")) {
            adapters.add(new NetworkAdapter(adapters.size(),
                    XmlDocument.attribute(adapter, "mac", "address").orElse(""), network(adapter),
                    XmlDocument.attribute(adapter, "source", "portgroup")
                            .filter(group -> adapter.getAttribute("type").equals("network"))));
        }
        return adapters;
    }

    private static Optional<String> network(Element adapter) {
        return switch (adapter.getAttribute("type")) {
            case "network" -> XmlDocument.attribute(adapter, "source", "network");
            case "bridge" -> XmlDocument.attribute(adapter, "source", "bridge").map(bridge ->
                    XmlDocument.attribute(adapter, "virtualport", "type").orElse("").equals("openvswitch")
                            ? NetworkKind.OPEN_VSWITCH.named(bridge) : NetworkKind.BRIDGE.named(bridge));
            default -> Optional.empty();
        };
    }

    /** Zero when libvirt cannot say, as for a network disk of a VM that is shut off. */
    private static ByteCount capacity(MemorySegment domain, String device) {
        try {
            return new ByteCount(LibvirtLibrary.virDomainGetBlockCapacity(domain, device));
        } catch (LibvirtException e) {
            return ByteCount.ZERO;
        }
    }

    /** What an image file itself says. */
    private record Image(ByteCount size, Optional<String> obstacle) {
        static Image of(Path file, String format) {
            try {
                Optional<Qcow2Header> qcow2 = Qcow2Header.read(file);
                if (!format.equals("qcow2")) {
                    return new Image(new ByteCount(Files.size(file)), Optional.empty());
                }
                return qcow2.map(header -> new Image(new ByteCount(header.virtualBytes()), header.obstacle()))
                        .orElseGet(() -> new Image(ByteCount.ZERO,
                                Optional.of("is said to be qcow2, but its image " + file + " is not")));
            } catch (NoSuchFileException e) {
                return new Image(ByteCount.ZERO, Optional.of("has no image: " + file + " does not exist"));
            } catch (IOException e) {
                return new Image(ByteCount.ZERO,
                        Optional.of("has an image that this host cannot read: " + e.getMessage()));
            }
        }
    }
}
