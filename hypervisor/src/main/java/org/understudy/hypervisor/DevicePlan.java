package org.understudy.hypervisor;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.w3c.dom.Element;

/**
 * The part of a plan about all devices but disks, adapters, ports and the TPM: what is the host's own is left out by
 * name, what the target's QEMU lacks is replaced where the guest's data do not depend on it.
 */
final class DevicePlan {
    private static final Set<String> NONE_TO_LOSE = Set.of("none", "spice", "dbus", "");
    private static final Set<String> MEMORY_WITH_DATA = Set.of("nvdimm", "virtio-pmem");

    private DevicePlan() {}

    static void apply(XmlDocument draft, TargetCapabilities capabilities, PlanNotes notes) {
        passedThrough(draft, notes);
        draft.all("devices/memory").forEach(memory -> memory(memory, notes));
        draft.all("devices/input").stream()
                .filter(input -> Set.of("evdev", "passthrough").contains(input.getAttribute("type")))
                .forEach(input -> {
                    XmlDocument.remove(input);
                    notes.warning("An input device of its host (" + input.getAttribute("type") + ") is not there.");
                });
        draft.all("devices/rng").forEach(rng -> random(rng, notes));
        draft.all("devices/audio").forEach(audio -> audio(audio, capabilities, notes));
        draft.all("devices/video").forEach(video -> video(video, capabilities, notes));
        draft.all("devices/graphics").forEach(graphics -> graphics(graphics, capabilities, notes));
        draft.all("devices/vsock").forEach(vsock -> XmlDocument.first(vsock, "cid").ifPresent(cid -> {
            cid.removeAttribute("address");
            cid.setAttribute("auto", "yes");
        }));
        draft.all("devices/crypto").stream()
                .filter(crypto -> !XmlDocument.attribute(crypto, "backend", "model").orElse("").equals("builtin"))
                .forEach(crypto -> {
                    XmlDocument.remove(crypto);
                    notes.warning("Its crypto device is of its host and is not there.");
                });
    }

    /** Whether the host's QEMU is known to be without SPICE. */
    static boolean lacksSpice(TargetCapabilities capabilities) {
        return capabilities.lacks("graphics/type", "spice");
    }

    private static void passedThrough(XmlDocument draft, PlanNotes notes) {
        for (Element device : draft.all("devices/hostdev")) {
            XmlDocument.remove(device);
            notes.warning("A device of its host passed through to it (" + device.getAttribute("type")
                    + ") is not there.");
        }
        for (Element share : draft.all("devices/filesystem")) {
            XmlDocument.remove(share);
            notes.warning("The shared folder " + XmlDocument.first(share, "source").map(MachineDefinition::place)
                    .orElse("") + " (" + XmlDocument.attribute(share, "target", "dir").orElse("")
                    + ") is not replicated: the VM is without it.");
        }
        for (Element memory : draft.all("devices/shmem")) {
            XmlDocument.remove(memory);
            notes.warning("Memory shared with its host (" + memory.getAttribute("name") + ") is not there.");
        }
        for (Element store : draft.all("devices/pstore")) {
            XmlDocument.remove(store);
            notes.warning("Its crash store in a file of its host (pstore) is not there.");
        }
    }

    private static void memory(Element memory, PlanNotes notes) {
        String model = memory.getAttribute("model");
        if (MEMORY_WITH_DATA.contains(model)) {
            XmlDocument.remove(memory);
            notes.obstacle("It keeps data in memory of kind " + model + " (" + XmlDocument.first(memory, "source/path")
                    .map(XmlDocument::ownText).orElse("a file of its host")
                    + "), which is not replicated. Take the device out of its definition to protect it.");
        } else if (model.startsWith("sgx")) {
            XmlDocument.remove(memory);
            notes.warning("Memory of the host's processor (" + model + ") is not there.");
        } else {
            XmlDocument.remove(memory, "source");
        }
    }

    private static void random(Element rng, PlanNotes notes) {
        Element backend = XmlDocument.child(rng, "backend");
        String kind = backend.getAttribute("model");
        String from = XmlDocument.ownText(backend);
        if (kind.equals("builtin")) {
            return;
        }
        if (!kind.equals("random") || !Set.of("", "/dev/urandom", "/dev/random").contains(from)) {
            notes.warning("Its source of random numbers is the target's /dev/urandom.");
        }
        XmlDocument.children(backend).forEach(XmlDocument::remove);
        backend.removeAttribute("type");
        backend.setAttribute("model", "random");
        backend.setTextContent("/dev/urandom");
        notes.path("/dev/urandom");
    }

    private static void audio(Element audio, TargetCapabilities capabilities, PlanNotes notes) {
        String kind = audio.getAttribute("type");
        XmlDocument.children(audio).forEach(XmlDocument::remove);
        List.of("path", "serverName", "runtimeDir", "driver", "server").forEach(audio::removeAttribute);
        if (!NONE_TO_LOSE.contains(kind)) {
            notes.warning("Its sound goes nowhere instead of to its host (" + kind + ").");
        }
        if (!kind.equals("spice") || lacksSpice(capabilities)) {
            audio.setAttribute("type", "none");
        }
    }

    private static void video(Element video, TargetCapabilities capabilities, PlanNotes notes) {
        Optional<Element> model = XmlDocument.first(video, "model");
        model.filter(found -> XmlDocument.attribute(found, "acceleration", "accel3d").orElse("").equals("yes"))
                .ifPresent(found -> notes.warning("Its display has no 3D acceleration."));
        model.ifPresent(found -> XmlDocument.remove(found, "acceleration"));
        XmlDocument.first(video, "driver").filter(driver -> driver.getAttribute("name").equals("vhostuser"))
                .ifPresent(XmlDocument::remove);
        model.filter(found -> capabilities.lacks("video/modelType", found.getAttribute("type"))).ifPresent(found -> {
            String instead = capabilities.lacks("video/modelType", "vga") ? "virtio" : "vga";
            notes.warning("Its display adapter " + found.getAttribute("type")
                    + " is not offered by the host's QEMU: " + instead + " takes its place.");
            List.of("ram", "vram", "vram64", "vgamem", "blob").forEach(found::removeAttribute);
            found.setAttribute("type", instead);
        });
    }

    /** The console, on the target itself alone: its password stays behind. */
    private static void graphics(Element graphics, TargetCapabilities capabilities, PlanNotes notes) {
        String kind = graphics.getAttribute("type");
        if (XmlDocument.attribute(graphics, "gl", "enable").orElse("").equals("yes")) {
            notes.warning("Its console has no OpenGL.");
        }
        XmlDocument.remove(graphics, "gl");
        boolean known = kind.equals("vnc") || kind.equals("spice") && !lacksSpice(capabilities);
        if (!known) {
            notes.warning("Its console is one for VNC instead of " + kind + ".");
            XmlDocument.children(graphics).forEach(XmlDocument::remove);
            graphics.setAttribute("type", "vnc");
            graphics.removeAttribute("defaultMode");
        }
        boolean elsewhere = XmlDocument.all(graphics, "listen").stream().anyMatch(listen -> !isHere(listen))
                || graphics.hasAttribute("listen") && !isLoopback(graphics.getAttribute("listen"))
                || graphics.hasAttribute("passwd");
        if (elsewhere) {
            notes.warning("Its console answers on the target itself alone (127.0.0.1), without a password.");
        }
        XmlDocument.remove(graphics, "listen", "channel");
        List.of("port", "tlsPort", "websocket", "socket", "display", "xauth", "fullscreen", "passwd",
                "passwdValidTo", "connected", "rendernode", "p2p", "defaultMode").forEach(graphics::removeAttribute);
        graphics.setAttribute("autoport", "yes");
        graphics.setAttribute("listen", "127.0.0.1");
        Element listen = XmlDocument.append(graphics, "listen");
        listen.setAttribute("type", "address");
        listen.setAttribute("address", "127.0.0.1");
    }

    private static boolean isHere(Element listen) {
        return switch (listen.getAttribute("type")) {
            case "none", "socket" -> true;
            case "address" -> isLoopback(listen.getAttribute("address"));
            default -> false;
        };
    }

    private static boolean isLoopback(String address) {
        return Set.of("", "127.0.0.1", "::1", "localhost").contains(address);
    }
}
