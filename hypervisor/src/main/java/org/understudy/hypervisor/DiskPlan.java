package org.understudy.hypervisor;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.understudy.model.DiskName;
import org.w3c.dom.Element;

/**
 * The part of a plan about disks and drives: replicated disks come from the files of the request, with the sector size
 * and geometry that the guest knows; drives are empty; all others are left out by name.
 */
final class DiskPlan {
    private static final String IMAGE_FORMAT = "qcow2";

    private DiskPlan() {}

    static void apply(
            XmlDocument draft, MachineRequest request, TargetCapabilities capabilities, PlanNotes notes) {
        Map<DiskName, Path> wanted = new TreeMap<>(request.disks());
        for (Element disk : draft.all("devices/disk")) {
            if (MachineDefinition.isDrive(disk)) {
                empty(disk, notes);
                continue;
            }
            String target = XmlDocument.attribute(disk, "target", "dev").orElse("");
            boolean readOnly = XmlDocument.first(disk, "readonly").isPresent();
            Path file = readOnly || target.isEmpty() ? null : wanted.remove(new DiskName(target));
            if (file == null) {
                XmlDocument.remove(disk);
                notes.warning("Disk " + target + (readOnly ? " is read-only and is" : " is")
                        + " not replicated: the VM is without it.");
            } else {
                replace(disk, file, notes);
                busIsOffered(disk, capabilities, notes);
            }
        }
        wanted.forEach((name, file) -> add(draft, name, file, notes));
    }

    private static void empty(Element drive, PlanNotes notes) {
        XmlDocument.first(drive, "source").ifPresent(source -> notes.warning("The medium in drive "
                + XmlDocument.attribute(drive, "target", "dev").orElse("") + " (" + MachineDefinition.place(source)
                + ") is not carried: the drive is empty."));
        XmlDocument.remove(drive, "source", "backingStore", "auth", "encryption", "mirror", "driver");
        drive.setAttribute("type", "file");
    }

    private static void replace(Element disk, Path file, PlanNotes notes) {
        XmlDocument.remove(disk, "source", "backingStore", "mirror", "auth", "encryption", "transient", "shareable",
                "reservations", "throttlefilters");
        disk.setAttribute("type", "file");
        disk.setAttribute("device", "disk");
        for (String attribute : Set.of("sgio", "rawio", "snapshot")) {
            disk.removeAttribute(attribute);
        }
        Element driver = XmlDocument.child(disk, "driver");
        driver.setAttribute("name", "qemu");
        driver.setAttribute("type", IMAGE_FORMAT);
        XmlDocument.remove(driver, "metadata_cache");
        XmlDocument.append(disk, "source").setAttribute("file", file.toString());
        notes.path(file.toString());
    }

    private static void busIsOffered(Element disk, TargetCapabilities capabilities, PlanNotes notes) {
        XmlDocument.attribute(disk, "target", "bus").filter(bus -> capabilities.lacks("disk/bus", bus))
                .ifPresent(bus -> notes.obstacle("The host's QEMU offers no disk at a " + bus + " bus, as disk "
                        + XmlDocument.attribute(disk, "target", "dev").orElse("") + " is."));
    }

    /** The content is there and the definition says nothing of it: better at a bus of our choice than lost. */
    private static void add(XmlDocument draft, DiskName name, Path file, PlanNotes notes) {
        Element disk = XmlDocument.append(XmlDocument.child(draft.root(), "devices"), "disk");
        Element target = XmlDocument.append(disk, "target");
        String bus = name.value().startsWith("vd") ? "virtio" : "sata";
        target.setAttribute("dev", name.value());
        target.setAttribute("bus", bus);
        replace(disk, file, notes);
        notes.warning("Disk " + name + " is not in the VM's definition at this point: it is a " + bus + " disk.");
    }
}
