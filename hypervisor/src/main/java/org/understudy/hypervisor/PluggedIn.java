package org.understudy.hypervisor;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;

/** What a running VM has and its persistent definition has not: disks by their target, adapters by their address. */
final class PluggedIn {
    private PluggedIn() {}

    /** Adds them to the persistent definition, at their place on the bus if it is free; false if there is nothing. */
    static boolean into(XmlDocument persistent, XmlDocument running) {
        boolean added = false;
        for (String kind : List.of("disk", "interface")) {
            Set<String> known = persistent.all("devices/" + kind).stream()
                    .map(PluggedIn::name).collect(Collectors.toCollection(HashSet::new));
            for (Element device : running.all("devices/" + kind)) {
                if (known.add(name(device))) {
                    add(persistent, device);
                    added = true;
                }
            }
        }
        return added;
    }

    private static String name(Element device) {
        return device.getNodeName().equals("disk")
                ? XmlDocument.attribute(device, "target", "dev").orElse("")
                : XmlDocument.attribute(device, "mac", "address").orElse("").toLowerCase(Locale.ROOT);
    }

    private static void add(XmlDocument persistent, Element device) {
        Element devices = XmlDocument.child(persistent.root(), "devices");
        Element copy = (Element) devices.getOwnerDocument().importNode(device, true);
        Set<String> taken = XmlDocument.children(devices).stream()
                .flatMap(other -> XmlDocument.all(other, "address").stream())
                .map(PluggedIn::words).collect(Collectors.toSet());
        XmlDocument.first(copy, "address").filter(address -> taken.contains(words(address)))
                .ifPresent(XmlDocument::remove);
        devices.appendChild(copy);
    }

    private static String words(Element address) {
        NamedNodeMap attributes = address.getAttributes();
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < attributes.getLength(); i++) {
            Node attribute = attributes.item(i);
            words.append(attribute.getNodeName()).append('=').append(attribute.getNodeValue()).append(' ');
        }
        return words.toString();
    }
}
