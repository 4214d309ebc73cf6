package org.understudy.hypervisor;

import java.util.List;
import java.util.Set;
import org.w3c.dom.Element;

/**
 * The part of a plan about ports and channels: those that any host can make anew are kept, those that lead to a file,
 * device or address of the source become a console, or are left out by name.
 */
final class CharacterDevicePlan {
    private static final Set<String> ANYWHERE = Set.of("pty", "unix", "spicevmc", "spiceport", "null", "qemu-vdagent");
    private static final Set<String> SPICE = Set.of("spicevmc", "spiceport");

    private CharacterDevicePlan() {}

    static void apply(XmlDocument draft, TargetCapabilities capabilities, PlanNotes notes) {
        for (String port : List.of("serial", "parallel", "console")) {
            draft.all("devices/" + port).forEach(device -> port(port, device, capabilities, notes));
        }
        draft.all("devices/channel").forEach(channel -> channel(channel, capabilities, notes));
        draft.all("devices/redirdev").forEach(device -> ofSpice("USB redirection", device, capabilities, notes));
        draft.all("devices/smartcard").stream()
                .filter(card -> !card.getAttribute("mode").equals("passthrough"))
                .forEach(card -> leaveOut("Its smart card is of its host and is not there.", card, notes));
        draft.all("devices/smartcard").forEach(device -> ofSpice("Its smart card", device, capabilities, notes));
    }

    private static void port(String name, Element device, TargetCapabilities capabilities, PlanNotes notes) {
        String kind = device.getAttribute("type");
        boolean kept = kind.equals("pty") || kind.equals("null")
                || SPICE.contains(kind) && !DevicePlan.lacksSpice(capabilities);
        if (!kept) {
            if (!name.equals("console")) {
                notes.warning("Its " + name + " port " + XmlDocument.attribute(device, "target", "port").orElse("0")
                        + " is a console of the target instead of what it is connected to at its host (" + kind
                        + ").");
            }
            device.setAttribute("type", "pty");
        }
        forgetPlace(device);
    }

    private static void channel(Element channel, TargetCapabilities capabilities, PlanNotes notes) {
        String kind = channel.getAttribute("type");
        String name = XmlDocument.attribute(channel, "target", "name").orElse(kind);
        boolean here = ANYWHERE.contains(kind) && (!SPICE.contains(kind) || !DevicePlan.lacksSpice(capabilities));
        if (!here) {
            leaveOut("Its channel " + name + " (" + kind + ") leads to its host and is not there.", channel, notes);
            return;
        }
        if (kind.equals("spiceport") || kind.equals("qemu-vdagent")) {
            channel.removeAttribute("tty");
            XmlDocument.remove(channel, "log", "protocol");
        } else {
            forgetPlace(channel);
        }
    }

    private static void forgetPlace(Element device) {
        device.removeAttribute("tty");
        XmlDocument.remove(device, "log", "protocol", "source");
    }

    private static void ofSpice(String what, Element device, TargetCapabilities capabilities, PlanNotes notes) {
        if (!device.getAttribute("type").equals("spicevmc") || DevicePlan.lacksSpice(capabilities)) {
            leaveOut(what + " (" + device.getAttribute("type") + ") is not there.", device, notes);
        } else {
            forgetPlace(device);
        }
    }

    private static void leaveOut(String sentence, Element device, PlanNotes notes) {
        if (device.getParentNode() != null) {
            XmlDocument.remove(device);
            notes.warning(sentence);
        }
    }
}
