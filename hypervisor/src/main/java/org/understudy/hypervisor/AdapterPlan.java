package org.understudy.hypervisor;

import java.util.Locale;
import java.util.Optional;
import org.understudy.hypervisor.MachineRequest.Connection;
import org.understudy.hypervisor.MachineRequest.Connections;
import org.understudy.model.NetworkKind;
import org.w3c.dom.Element;

/**
 * The part of a plan about network adapters: the hardware that the guest knows, at networks of the target. They are
 * told apart by their addresses; one that nobody mapped is connected to nothing, and named.
 *
 * <p>Connected to nothing, it is a tap device that no bridge holds, with its link down: the guest sees the adapter it
 * knows, without a cable. (libvirt's own kind "null" would say the same, but makes libvirtd 9.0 crash at the VM's
 * start.)
 */
final class AdapterPlan {
    private AdapterPlan() {}

    static void apply(
            XmlDocument draft, Connections connections, TargetCapabilities capabilities, PlanNotes notes) {
        for (Element adapter : draft.all("devices/interface")) {
            String mac = XmlDocument.attribute(adapter, "mac", "address").orElse("").toLowerCase(Locale.ROOT);
            Optional<Connection> connection = connections.byMac().getOrDefault(mac, connections.others());
            if (connections.expectsAll() && connection.isEmpty()) {
                notes.warning("Network adapter " + mac + " (" + place(adapter)
                        + ") is mapped to no network of the target: it is connected to nothing.");
            }
            hardware(adapter, mac, notes);
            connect(adapter, mac, connection, notes);
            connection.ifPresent(to -> {
                if (capabilities.networks().filter(known -> !known.contains(to.network())).isPresent()) {
                    notes.obstacle("The host has no network " + to.network() + ", to which adapter " + mac
                            + " goes.");
                }
                filter(adapter, mac, connections.expectsAll(), capabilities, notes);
            });
        }
    }

    /** What is taken from the host that the VM ran on, whatever the adapter is connected to. */
    private static void hardware(Element adapter, String mac, PlanNotes notes) {
        if (adapter.getAttribute("type").equals("hostdev")) {
            XmlDocument.child(adapter, "model").setAttribute("type", "virtio");
            notes.warning("Network adapter " + mac + " is a device of its host passed through to it: an imitated one "
                    + "(virtio) takes its place.");
        }
        XmlDocument.first(adapter, "rom").filter(rom -> rom.hasAttribute("file")).ifPresent(rom -> {
            notes.warning("The ROM file " + rom.getAttribute("file") + " of network adapter " + mac
                    + " is not carried: it has the usual one.");
            rom.removeAttribute("file");
        });
        XmlDocument.first(adapter, "driver").filter(driver -> driver.getAttribute("name").startsWith("vfio"))
                .ifPresent(XmlDocument::remove);
        for (String attribute : new String[] {"managed", "trustGuestRxFilters"}) {
            adapter.removeAttribute(attribute);
        }
        XmlDocument.remove(adapter, "ip", "route", "local", "portForward", "port", "reconnect");
    }

    private static void connect(Element adapter, String mac, Optional<Connection> connection, PlanNotes notes) {
        boolean wasUnplugged = adapter.getAttribute("type").equals("ethernet");
        XmlDocument.remove(adapter, "source", "virtualport");
        if (connection.isEmpty()) {
            XmlDocument.remove(adapter, "filterref", "bandwidth", "link", "vlan");
            adapter.setAttribute("type", "ethernet");
            XmlDocument.append(adapter, "link").setAttribute("state", "down");
            return;
        }
        if (wasUnplugged) {
            XmlDocument.remove(adapter, "link");
        }
        Connection to = connection.get();
        String own = NetworkKind.own(to.network());
        Element source = XmlDocument.append(adapter, "source");
        switch (NetworkKind.of(to.network())) {
            case LIBVIRT -> {
                adapter.setAttribute("type", "network");
                source.setAttribute("network", own);
                to.portGroup().ifPresent(group -> source.setAttribute("portgroup", group));
            }
            case BRIDGE -> {
                adapter.setAttribute("type", "bridge");
                source.setAttribute("bridge", own);
            }
            case OPEN_VSWITCH -> {
                adapter.setAttribute("type", "bridge");
                source.setAttribute("bridge", own);
                XmlDocument.append(adapter, "virtualport").setAttribute("type", "openvswitch");
                return;
            }
        }
        XmlDocument.first(adapter, "vlan").ifPresent(vlan -> {
            XmlDocument.remove(vlan);
            notes.warning("The VLAN of network adapter " + mac + " is not carried to " + to.network() + ".");
        });
    }

    /** A filter guards the network of a VM in production; a test's network needs none. */
    private static void filter(
            Element adapter, String mac, boolean forGood, TargetCapabilities capabilities, PlanNotes notes) {
        XmlDocument.attribute(adapter, "filterref", "filter")
                .filter(name -> capabilities.filters().filter(known -> !known.contains(name)).isPresent())
                .ifPresent(name -> {
                    XmlDocument.remove(adapter, "filterref");
                    if (forGood) {
                        notes.obstacle("The host has no network filter " + name + ", which adapter " + mac
                                + " is behind. Define it there: virsh nwfilter-define.");
                    } else {
                        notes.warning("Network adapter " + mac + " is not behind the filter " + name
                                + ", which the host lacks.");
                    }
                });
    }

    private static String place(Element adapter) {
        return "at its host " + XmlDocument.first(adapter, "source").map(source ->
                XmlDocument.attribute(source, "network").map(name -> "in network " + name)
                        .or(() -> XmlDocument.attribute(source, "bridge").map(name -> "at bridge " + name))
                        .or(() -> XmlDocument.attribute(source, "dev").map(name -> "at device " + name))
                        .orElse("of kind " + adapter.getAttribute("type")))
                .orElse("of kind " + adapter.getAttribute("type"));
    }
}
