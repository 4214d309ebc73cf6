package org.understudy.hypervisor;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.w3c.dom.Element;

/** Reads libvirt's domain capabilities: what one emulator offers to one kind of machine. */
final class CapabilitiesReader {
    private CapabilitiesReader() {}

    /** {@code os/firmware}, {@code video/modelType} and so on, each with the values that are offered. */
    static Map<String, Set<String>> offered(XmlDocument capabilities) {
        Map<String, Set<String>> offered = new HashMap<>();
        capabilities.first("os").ifPresent(os -> add(offered, "os", os));
        capabilities.first("devices").ifPresent(devices -> XmlDocument.children(devices)
                .forEach(device -> add(offered, device.getNodeName(), device)));
        return offered;
    }

    private static void add(Map<String, Set<String>> offered, String name, Element from) {
        boolean supported = !from.getAttribute("supported").equals("no");
        for (Element choice : XmlDocument.all(from, "enum")) {
            Set<String> values = XmlDocument.all(choice, "value").stream()
                    .map(XmlDocument::ownText).collect(Collectors.toCollection(HashSet::new));
            offered.put(name + "/" + choice.getAttribute("name"), supported ? values : Set.of());
        }
        if (!supported) {
            offered.put(name + "/supported", Set.of());
        }
    }

    static Set<String> unusableProcessors(XmlDocument capabilities) {
        return capabilities.all("cpu/mode").stream()
                .filter(mode -> mode.getAttribute("name").equals("custom"))
                .flatMap(mode -> XmlDocument.all(mode, "model").stream())
                .filter(model -> model.getAttribute("usable").equals("no"))
                .map(XmlDocument::ownText).collect(Collectors.toSet());
    }

    static int vcpus(XmlDocument capabilities) {
        return capabilities.first("vcpu").flatMap(vcpu -> XmlDocument.attribute(vcpu, "max"))
                .map(Integer::parseInt).orElse(0);
    }
}
