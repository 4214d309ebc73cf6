package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.hypervisor.AdapterAddresses;
import org.understudy.hypervisor.AddressOffer;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualNetwork;
import org.w3c.dom.Element;

/**
 * The virtual networks of one libvirt: those there are, and the isolated ones made for test failovers, which carry our
 * mark in their metadata. Safe for many threads; two isolated networks are made one after the other.
 */
final class LibvirtNetworks {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtNetworks.class);
    private static final String MARK = "network";

    private final LibvirtConnection connection;
    private final HostBridges hostBridges = new HostBridges();

    LibvirtNetworks(LibvirtConnection connection) {
        this.connection = connection;
    }

    /** Does something with a network's handle. */
    @FunctionalInterface
    private interface NetworkCall<T> {
        T on(MemorySegment network) throws LibvirtException, IOException;
    }

    /** Those that VMs can be connected to for good: networks made for a test are not among them. */
    List<VirtualNetwork> list() throws IOException {
        return connection.call("list the networks", libvirt -> {
            List<VirtualNetwork> found = new ArrayList<>();
            Set<String> bridges = new HashSet<>();
            each(libvirt, 0, network -> bridges.addAll(bridges(parsed(network))));
            each(libvirt, LibvirtLibrary.VIR_CONNECT_LIST_NETWORKS_PERSISTENT, network ->
                    isOurs(network) || found.add(describe(network)));
            found.addAll(hostBridges.list(bridges));
            return found;
        });
    }

    /** The names of all that a VM can be connected to now, networks made for a test included. */
    Set<String> names() throws IOException {
        Set<String> names = new HashSet<>();
        list().forEach(network -> names.add(network.name()));
        return connection.call("list the networks", libvirt -> {
            names.addAll(each(libvirt, 0, network -> MachineReader.text(parsed(network), "name")));
            return names;
        });
    }

    private static XmlDocument parsed(MemorySegment network) throws LibvirtException {
        return XmlDocument.parse(LibvirtLibrary.virNetworkGetXMLDesc(network));
    }

    private static VirtualNetwork describe(MemorySegment network) throws LibvirtException {
        XmlDocument xml = parsed(network);
        return new VirtualNetwork(MachineReader.text(xml, "name"), LibvirtLibrary.virNetworkIsActive(network),
                xml.all("portgroup").stream().map(group -> group.getAttribute("name")).toList());
    }

    /** The bridges that libvirt made for its networks; one that a network only uses is the host's own. */
    private static List<String> bridges(XmlDocument network) {
        boolean usesOneOfTheHost = network.first("forward")
                .filter(forward -> forward.getAttribute("mode").equals("bridge")).isPresent();
        return usesOneOfTheHost ? List.of()
                : network.all("bridge").stream().map(bridge -> bridge.getAttribute("name")).toList();
    }

    synchronized void createIsolated(String name) throws IOException {
        connection.call("make the isolated network " + name, libvirt -> {
            Optional<MemorySegment> existing = lookup(libvirt, name);
            MemorySegment network = existing.isPresent()
                    ? existing.get()
                    : LibvirtLibrary.virNetworkDefineXML(libvirt, isolated(name, freeSubnet(libvirt)));
            try {
                if (!isOurs(network)) {
                    throw FailureException.of(FailureCode.ALREADY_EXISTS,
                            "the network " + name + " exists on this host and was not made by Understudy");
                }
                if (!LibvirtLibrary.virNetworkIsActive(network)) {
                    LibvirtLibrary.virNetworkCreate(network);
                    LOG.info("an isolated network was started network={}", name);
                }
            } finally {
                LibvirtLibrary.virNetworkFree(network);
            }
            return null;
        });
    }

    synchronized void removeIsolated(String name) throws IOException {
        connection.call("remove the isolated network " + name, libvirt -> {
            Optional<MemorySegment> network = lookup(libvirt, name);
            if (network.isPresent()) {
                try {
                    remove(network.get(), name);
                } finally {
                    LibvirtLibrary.virNetworkFree(network.get());
                }
            }
            return null;
        });
    }

    /** What a network says to the wish that an adapter keeps its address; has it reserved then if that is wanted. */
    synchronized AddressOffer offer(String name, String mac, String address, boolean reserve) throws IOException {
        return connection.call("look at the addresses of network " + name, libvirt -> {
            MemorySegment network = LibvirtLibrary.virNetworkLookupByName(libvirt, name);
            try {
                AddressOffer offer = AddressOffer.of(parsed(network), leases(network), mac, address);
                if (reserve && offer.kept() && !offer.reserved()) {
                    XmlDocument host = XmlDocument.of("host");
                    host.root().setAttribute("mac", mac);
                    host.root().setAttribute("ip", address);
                    LibvirtAddressLibrary.reserve(network, offer.parent().orElseThrow(), host.text());
                    LOG.info("an address was reserved network={} mac={} address={}", name, mac, address);
                }
                return offer;
            } finally {
                LibvirtLibrary.virNetworkFree(network);
            }
        });
    }

    /** The addresses that networks have given to adapters of a VM; of one that cannot be asked none. */
    static AdapterAddresses addresses(MemorySegment libvirt, MachineDefinition vm) {
        Set<String> own = new HashSet<>();
        vm.adapterAddresses().forEach(mac -> own.add(mac.toLowerCase(Locale.ROOT)));
        Map<String, String> found = new HashMap<>();
        for (String name : new TreeSet<>(vm.libvirtNetworks())) {
            Optional<MemorySegment> network = lookupIfItCan(libvirt, name);
            if (network.isPresent()) {
                try {
                    leases(network.get()).stream().filter(lease -> own.contains(lease.mac().toLowerCase(Locale.ROOT)))
                            .forEach(lease -> found.put(lease.mac(), lease.address()));
                } finally {
                    LibvirtLibrary.virNetworkFree(network.get());
                }
            }
        }
        return new AdapterAddresses(found);
    }

    /** None either where libvirt's driver of networks is not there: a VM is more than its addresses. */
    private static Optional<MemorySegment> lookupIfItCan(MemorySegment libvirt, String name) {
        try {
            return lookup(libvirt, name);
        } catch (LibvirtException e) {
            LOG.debug("a network cannot be asked network={} reason={}", name, e.getMessage());
            return Optional.empty();
        }
    }

    /** None of a network that is not active, or gives none. */
    private static List<AddressOffer.Lease> leases(MemorySegment network) {
        try {
            return LibvirtAddressLibrary.leases(network);
        } catch (LibvirtException e) {
            LOG.debug("a network tells no leases reason={}", e.getMessage());
            return List.of();
        }
    }

    /** A libvirt network without a way out: no forwarding, no name service, addresses by DHCP. */
    static String isolated(String name, FreeSubnet subnet) {
        XmlDocument xml = XmlDocument.of("network");
        XmlDocument.append(xml.root(), "name").setTextContent(name);
        Element metadata = XmlDocument.append(xml.root(), "metadata");
        metadata.appendChild(metadata.getOwnerDocument().createElementNS(
                MachineDefinition.NAMESPACE, "understudy:" + MARK));
        // libvirt puts the first free number in; the name of an interface has at most 15 characters.
        XmlDocument.append(xml.root(), "bridge").setAttribute("name", "understudy%d");
        XmlDocument.append(xml.root(), "dns").setAttribute("enable", "no");
        Element ip = XmlDocument.append(xml.root(), "ip");
        ip.setAttribute("address", subnet.host(1));
        ip.setAttribute("prefix", Integer.toString(FreeSubnet.PREFIX));
        Element range = XmlDocument.append(XmlDocument.append(ip, "dhcp"), "range");
        range.setAttribute("start", subnet.host(2));
        range.setAttribute("end", subnet.host(254));
        return xml.text();
    }

    private static void remove(MemorySegment network, String name) throws LibvirtException {
        if (!isOurs(network)) {
            throw FailureException.of(FailureCode.IN_USE,
                    "the network " + name + " was not made by Understudy and stays",
                    "Remove it with libvirt's own tools if it is to go.");
        }
        if (LibvirtLibrary.virNetworkIsActive(network)) {
            LibvirtLibrary.virNetworkDestroy(network);
        }
        LibvirtLibrary.virNetworkUndefine(network);
        LOG.info("an isolated network was removed network={}", name);
    }

    private static FreeSubnet freeSubnet(MemorySegment libvirt) throws LibvirtException, IOException {
        List<String> used = new ArrayList<>();
        for (List<String> ofOne : each(libvirt, 0, network -> subnets(
                XmlDocument.parse(LibvirtLibrary.virNetworkGetXMLDesc(network))))) {
            used.addAll(ofOne);
        }
        return FreeSubnet.besides(used).orElseThrow(() -> FailureException.of(FailureCode.HYPERVISOR_REFUSED,
                "no free subnet is left on this host for an isolated network",
                "Remove networks that are no longer needed, or choose an existing network for the test."));
    }

    /** The addresses of a network, each with its prefix length: {@code 192.168.122.1/24}. */
    static List<String> subnets(XmlDocument network) {
        return network.all("ip").stream()
                .filter(ip -> !ip.getAttribute("family").equals("ipv6"))
                .map(ip -> ip.getAttribute("address") + "/" + XmlDocument.attribute(ip, "prefix")
                        .or(() -> XmlDocument.attribute(ip, "netmask")).orElse("24"))
                .toList();
    }

    private static boolean isOurs(MemorySegment network) throws LibvirtException {
        return XmlDocument.parse(LibvirtLibrary.virNetworkGetXMLDesc(network)).first("metadata")
                .filter(metadata -> metadata.getElementsByTagNameNS(MachineDefinition.NAMESPACE, MARK)
                        .getLength() > 0).isPresent();
    }

    private static Optional<MemorySegment> lookup(MemorySegment libvirt, String name) throws LibvirtException {
        try {
            return Optional.of(LibvirtLibrary.virNetworkLookupByName(libvirt, name));
        } catch (LibvirtException e) {
            if (e.code() == LibvirtLibrary.VIR_ERR_NO_NETWORK) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** A network that goes away meanwhile is left out. */
    private static <T> List<T> each(MemorySegment libvirt, int flags, NetworkCall<T> call)
            throws LibvirtException, IOException {
        List<MemorySegment> networks = LibvirtLibrary.virConnectListAllNetworks(libvirt, flags);
        try {
            List<T> results = new ArrayList<>();
            for (MemorySegment network : networks) {
                try {
                    results.add(call.on(network));
                } catch (LibvirtException e) {
                    if (e.code() != LibvirtLibrary.VIR_ERR_NO_NETWORK) {
                        throw e;
                    }
                }
            }
            return results;
        } finally {
            networks.forEach(LibvirtLibrary::virNetworkFree);
        }
    }
}
