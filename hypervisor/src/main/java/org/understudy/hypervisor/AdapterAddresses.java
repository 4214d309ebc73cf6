package org.understudy.hypervisor;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.w3c.dom.Element;

/**
 * The IPv4 addresses that a VM's adapters were given by the DHCP of their networks, as a definition that travels
 * carries them: they are part of the machine as it was at a point, and no host's libvirt keeps them there.
 *
 * @param byMac dotted, by the adapter's own address in small letters; adapters of which nothing is known are not there
 */
public record AdapterAddresses(Map<String, String> byMac) {
    static final String NAMESPACE = "https://understudy.example/xmlns/addresses/1";

    public AdapterAddresses {
        Map<String, String> lower = new TreeMap<>();
        byMac.forEach((mac, address) -> lower.put(mac.toLowerCase(Locale.ROOT), address));
        byMac = lower;
    }

    /** Those that a definition carries; what is no IPv4 address there is left out. */
    public static AdapterAddresses of(MachineDefinition definition) {
        Map<String, String> found = new LinkedHashMap<>();
        XmlDocument.parse(definition.xml()).first("metadata").ifPresent(metadata -> XmlDocument.children(metadata)
                .stream().filter(AdapterAddresses::isNote)
                .flatMap(note -> XmlDocument.children(note).stream())
                .filter(address -> Ipv4.isAddress(address.getAttribute("ip")))
                .forEach(address -> found.put(address.getAttribute("mac"), address.getAttribute("ip"))));
        return new AdapterAddresses(found);
    }

    /**
     * These, and for adapters of the VM without one the earlier: a lease ends while a VM is off, and its address is
     * still the one that it is known by.
     */
    public AdapterAddresses orElse(AdapterAddresses earlier, MachineDefinition vm) {
        Set<String> own = vm.adapterAddresses().stream().map(mac -> mac.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        Map<String, String> all = new LinkedHashMap<>(earlier.byMac());
        all.keySet().retainAll(own);
        all.putAll(byMac);
        return new AdapterAddresses(all);
    }

    /** The definition with a note of these instead of the one it had. */
    public MachineDefinition notedIn(MachineDefinition definition) {
        if (of(definition).equals(this)) {
            return definition;
        }
        XmlDocument document = XmlDocument.parse(definition.xml());
        Element metadata = XmlDocument.child(document.root(), "metadata");
        XmlDocument.children(metadata).stream().filter(AdapterAddresses::isNote).forEach(XmlDocument::remove);
        if (!byMac.isEmpty()) {
            Element note = metadata.getOwnerDocument().createElementNS(NAMESPACE, "understudy:addresses");
            metadata.appendChild(note);
            byMac.forEach((mac, address) -> {
                Element one = note.getOwnerDocument().createElementNS(NAMESPACE, "understudy:address");
                one.setAttribute("mac", mac);
                one.setAttribute("ip", address);
                note.appendChild(one);
            });
        }
        return new MachineDefinition(document.text());
    }

    private static boolean isNote(Element element) {
        return NAMESPACE.equals(element.getNamespaceURI()) && "addresses".equals(element.getLocalName());
    }
}
