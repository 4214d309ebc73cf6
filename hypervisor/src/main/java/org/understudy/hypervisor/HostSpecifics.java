package org.understudy.hypervisor;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.w3c.dom.Element;

/**
 * What in a VM's definition belongs to the host it was written for, and would hinder or mislead another host.
 *
 * <p>Taken away: devices of the host and its directories given to the guest; media in drives; labels, partitions,
 * processor and memory pins, huge pages; paths of sockets, consoles, logs, firmware variables and the emulator; names
 * of tap devices; fixed ports of the console. Kept: everything the guest sees of its remaining devices, and paths that
 * an administrator must provide at both hosts (kernel, firmware code).
 */
final class HostSpecifics {
    private static final Set<String> CHARACTER_KINDS_ANYWHERE =
            Set.of("pty", "unix", "spicevmc", "spiceport", "null", "vc", "stdio", "qemu-vdagent");

    private HostSpecifics() {}

    static void removeFrom(XmlDocument document) {
        document.removeAll("seclabel");
        document.removeAll("resource");
        document.removeAll("numatune");
        document.removeAll("memoryBacking/hugepages");
        for (String pin : List.of("vcpupin", "emulatorpin", "iothreadpin", "cachetune", "memorytune")) {
            document.removeAll("cputune/" + pin);
        }
        document.first("vcpu").ifPresent(vcpu -> vcpu.removeAttribute("cpuset"));
        // libvirt makes the file of firmware variables anew, from the template, at a path of the new host.
        document.first("os/nvram").ifPresent(HostSpecifics::forgetNvram);
        for (String device : List.of("hostdev", "filesystem", "lease", "shmem", "emulator", "nvram")) {
            document.removeAll("devices/" + device);
        }
        document.all("devices/memory").stream().filter(memory -> XmlDocument.first(memory, "source/path").isPresent())
                .forEach(HostSpecifics::remove);
        document.all("devices/disk").forEach(HostSpecifics::cleanDisk);
        document.all("devices/interface").forEach(HostSpecifics::cleanAdapter);
        for (String kind : List.of("serial", "parallel", "console", "channel")) {
            document.all("devices/" + kind).forEach(HostSpecifics::cleanCharacterDevice);
        }
        document.all("devices/graphics").forEach(HostSpecifics::cleanGraphics);
        document.all("devices/tpm").forEach(HostSpecifics::cleanTpm);
        document.first("devices").ifPresent(HostSpecifics::removeLabelsAndAliases);
    }

    /** What QEMU cannot imitate without KVM: its clocks, paravirtual features and models of the host's processor. */
    static void removeKvmFrom(XmlDocument document) {
        document.removeAll("features/kvm");
        document.removeAll("features/hyperv");
        document.removeAll("features/pvspinlock");
        document.all("clock/timer").stream()
                .filter(timer -> Set.of("kvmclock", "hypervclock", "tsc").contains(timer.getAttribute("name")))
                .forEach(HostSpecifics::remove);
        document.first("cpu").ifPresent(cpu -> {
            XmlDocument.remove(cpu, "model", "vendor", "feature", "cache", "maxphysaddr");
            List.of("match", "check", "migratable").forEach(cpu::removeAttribute);
            cpu.setAttribute("mode", "maximum");
        });
    }

    private static void forgetNvram(Element nvram) {
        if (XmlDocument.attribute(nvram, "template").isEmpty()) {
            remove(nvram);
            return;
        }
        nvram.setTextContent("");
        nvram.removeAttribute("type");
    }

    private static void cleanDisk(Element disk) {
        if (Set.of("cdrom", "floppy").contains(disk.getAttribute("device"))) {
            XmlDocument.remove(disk, "source", "backingStore", "auth", "encryption", "mirror");
            disk.setAttribute("type", "file");
        }
    }

    private static void cleanAdapter(Element adapter) {
        XmlDocument.remove(adapter, "target", "backend", "script");
        XmlDocument.first(adapter, "source").ifPresent(source -> {
            source.removeAttribute("portid");
            source.removeAttribute("bridge");
        });
    }

    private static void cleanCharacterDevice(Element device) {
        device.removeAttribute("tty");
        XmlDocument.remove(device, "log");
        String kind = device.getAttribute("type");
        boolean isChannel = device.getNodeName().equals("channel");
        if (!CHARACTER_KINDS_ANYWHERE.contains(kind)) {
            if (isChannel) {
                remove(device);
                return;
            }
            device.setAttribute("type", "pty");
            XmlDocument.remove(device, "protocol");
        }
        if (kind.equals("unix") && !isChannel) {
            device.setAttribute("type", "pty");
        }
        if (!kind.equals("spiceport")) {
            XmlDocument.remove(device, "source");
        }
    }

    private static void cleanGraphics(Element graphics) {
        if (graphics.hasAttribute("port") || graphics.hasAttribute("tlsPort")) {
            graphics.removeAttribute("port");
            graphics.removeAttribute("tlsPort");
            graphics.removeAttribute("websocket");
            graphics.setAttribute("autoport", "yes");
        }
        graphics.removeAttribute("socket");
        XmlDocument.remove(graphics, "gl");
        Set<String> everywhere = Set.of("127.0.0.1", "::1", "0.0.0.0", "::", "localhost");
        if (graphics.hasAttribute("listen") && !everywhere.contains(graphics.getAttribute("listen"))) {
            graphics.removeAttribute("listen");
            XmlDocument.remove(graphics, "listen");
        }
        for (Element listen : XmlDocument.all(graphics, "listen")) {
            boolean here = listen.getAttribute("type").equals("network") || listen.hasAttribute("address")
                    && !everywhere.contains(listen.getAttribute("address"));
            if (here) {
                remove(listen);
            }
            listen.removeAttribute("socket");
        }
    }

    /** An emulated module starts empty at the new host; one of the host's hardware, or a secret of it, stays behind. */
    private static void cleanTpm(Element tpm) {
        if (XmlDocument.attribute(tpm, "backend", "type").orElse("").equals("emulator")) {
            XmlDocument.first(tpm, "backend").ifPresent(backend -> XmlDocument.remove(backend, "encryption", "device"));
        } else {
            remove(tpm);
        }
    }

    private static void removeLabelsAndAliases(Element devices) {
        for (Element device : elements(devices)) {
            XmlDocument.all(device, "alias").stream()
                    .filter(alias -> !alias.getAttribute("name").startsWith("ua-")).forEach(HostSpecifics::remove);
            XmlDocument.remove(device, "seclabel");
            XmlDocument.first(device, "source").ifPresent(source -> XmlDocument.remove(source, "seclabel"));
        }
    }

    private static List<Element> elements(Element parent) {
        return IntStream.range(0, parent.getChildNodes().getLength())
                .mapToObj(parent.getChildNodes()::item)
                .filter(Element.class::isInstance).map(Element.class::cast).toList();
    }

    private static void remove(Element element) {
        element.getParentNode().removeChild(element);
    }
}
