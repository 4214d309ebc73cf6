package org.understudy.hypervisor;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.w3c.dom.Element;

/**
 * The part of a plan about how the VM begins: firmware, its variables, a kernel given from outside, files handed to the
 * guest. Firmware is the target's own, chosen by libvirt; a kernel is one that the target's administrator laid out.
 */
final class FirmwarePlan {
    private static final String LAY_OUT = "Lay it out in the target agent's folder for boot files (--boot-folder).";

    private static final Pattern VALUE_NAME =
            Pattern.compile("opt/[A-Za-z0-9_-]+(\\.?[A-Za-z0-9_-]+|/[A-Za-z0-9_-]+)*");

    private FirmwarePlan() {}

    static void apply(
            XmlDocument draft, CarriedFirmware carried, TargetCapabilities capabilities, PlanNotes notes) {
        draft.first("os").ifPresent(os -> {
            firmware(draft, os, carried, notes);
            if (os.getAttribute("firmware").equals("efi") && capabilities.lacks("os/firmware", "efi")) {
                notes.obstacle("The host has no UEFI firmware for this kind of machine. Install it there (the package "
                        + "ovmf, or edk2-ovmf).");
            }
            for (String file : new String[] {"kernel", "initrd", "dtb"}) {
                XmlDocument.first(os, file).ifPresent(element -> bootFile(file, element, capabilities, notes));
            }
            XmlDocument.first(os, "acpi").ifPresent(acpi -> {
                XmlDocument.remove(acpi);
                notes.warning("ACPI tables from files of its host are not carried.");
            });
        });
        handedOver(draft, notes);
    }

    private static void firmware(XmlDocument draft, Element os, CarriedFirmware carried, PlanNotes notes) {
        Optional<Element> loader = XmlDocument.first(os, "loader");
        boolean flash = loader.filter(found -> found.getAttribute("type").equals("pflash")).isPresent();
        boolean efi = os.getAttribute("firmware").equals("efi") || flash;
        if (efi) {
            os.setAttribute("firmware", "efi");
            boolean stateless = loader.filter(found -> found.getAttribute("stateless").equals("yes")).isPresent();
            keepEnrolledKeys(os);
            loader.ifPresent(found -> chosenByLibvirt(draft, found));
            Optional<String> fresh = stateless ? Optional.empty() : carried.whyNoVariables(os);
            fresh.ifPresent(notes::warning);
            XmlDocument.remove(os, "nvram", "varstore");
            if (!stateless && fresh.isEmpty()) {
                carried.variables().ifPresent(file -> nameVariables(os, file.toString(), notes));
            }
        } else {
            XmlDocument.remove(os, "nvram", "varstore");
            loader.ifPresent(found -> {
                XmlDocument.remove(found);
                notes.warning("Its firmware file " + XmlDocument.ownText(found)
                        + " is not carried: it begins with the usual one.");
            });
        }
    }

    /** The firmware itself is chosen by libvirt; a file of variables that is there is used as it is. */
    private static void nameVariables(Element os, String file, PlanNotes notes) {
        Element nvram = XmlDocument.append(os, "nvram");
        // Otherwise libvirt might choose a firmware whose variables lie in an image of another format.
        nvram.setAttribute("format", "raw");
        nvram.setTextContent(file);
        notes.path(file);
        notes.place(FirmwareBundle.Kind.UEFI_VARIABLES);
    }

    private static void keepEnrolledKeys(Element os) {
        boolean enrolled = XmlDocument.attribute(os, "nvram", "template").filter(file -> file.contains(".ms.")
                || file.contains("secboot")).isPresent();
        if (enrolled && XmlDocument.first(os, "firmware").isEmpty()) {
            Element firmware = XmlDocument.append(os, "firmware");
            for (String name : new String[] {"enrolled-keys", "secure-boot"}) {
                Element feature = XmlDocument.append(firmware, "feature");
                feature.setAttribute("enabled", "yes");
                feature.setAttribute("name", name);
            }
        }
    }

    /** What of the loader is a wish and not a file. */
    private static void chosenByLibvirt(XmlDocument draft, Element loader) {
        boolean secure = loader.getAttribute("secure").equals("yes");
        boolean stateless = loader.getAttribute("stateless").equals("yes");
        loader.setTextContent("");
        for (String attribute : new String[] {"readonly", "type", "format"}) {
            loader.removeAttribute(attribute);
        }
        if (!secure) {
            loader.removeAttribute("secure");
        } else {
            XmlDocument.child(XmlDocument.child(draft.root(), "features"), "smm").setAttribute("state", "on");
        }
        if (!secure && !stateless) {
            XmlDocument.remove(loader);
        }
    }

    private static void bootFile(String kind, Element element, TargetCapabilities capabilities, PlanNotes notes) {
        String there = XmlDocument.ownText(element);
        String name = there.substring(there.lastIndexOf('/') + 1);
        if (capabilities.bootFiles().isEmpty()) {
            XmlDocument.remove(element);
            notes.warning("It begins from the " + kind + " " + there + " of its host; the target needs a file "
                    + name + ". " + LAY_OUT);
            return;
        }
        Map<String, Path> files = capabilities.bootFiles().get();
        Path here = files.get(name);
        if (here == null) {
            XmlDocument.remove(element);
            notes.obstacle("It begins from the " + kind + " " + there + " of its host, and this host has no " + name
                    + " laid out for VMs. " + LAY_OUT);
            return;
        }
        element.setTextContent(here.toString());
        notes.path(here.toString());
        notes.warning("It begins from the " + kind + " " + here + " of the target, whatever the source has.");
    }

    /** Files of the host that QEMU hands to the guest; values that stand in the definition itself are carried. */
    private static void handedOver(XmlDocument draft, PlanNotes notes) {
        draft.all("sysinfo").stream().filter(sysinfo -> sysinfo.getAttribute("type").equals("fwcfg"))
                .flatMap(sysinfo -> XmlDocument.all(sysinfo, "entry").stream())
                .filter(entry -> entry.hasAttribute("file"))
                .forEach(entry -> {
                    XmlDocument.remove(entry);
                    notes.warning("The file " + entry.getAttribute("file") + " that QEMU hands to the guest as "
                            + entry.getAttribute("name") + " (fw_cfg, Ignition) is not carried.");
                });
        // Such a name looks like a path and is none: it is where the guest finds the value.
        draft.all("sysinfo").stream().filter(sysinfo -> sysinfo.getAttribute("type").equals("fwcfg"))
                .flatMap(sysinfo -> XmlDocument.all(sysinfo, "entry").stream()).forEach(entry -> {
                    if (VALUE_NAME.matcher(entry.getAttribute("name")).matches()) {
                        notes.path(entry.getAttribute("name"));
                    } else {
                        XmlDocument.remove(entry);
                        notes.warning("The fw_cfg value " + entry.getAttribute("name") + " is not carried.");
                    }
                });
        draft.all("sysinfo").stream().filter(sysinfo -> sysinfo.getAttribute("type").equals("fwcfg"))
                .filter(sysinfo -> XmlDocument.children(sysinfo).isEmpty()).forEach(XmlDocument::remove);
    }
}
