package org.understudy.hypervisor;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.w3c.dom.Element;

/**
 * What the DHCP of a network says to the wish that an adapter keeps its address there (N-10). Pure.
 *
 * @param kept whether it can be kept
 * @param reserved whether the network has it reserved for the adapter already
 * @param parent of which of the network's subnets it is, by its place; where it is kept
 * @param words for people: a sentence
 */
public record AddressOffer(boolean kept, boolean reserved, OptionalInt parent, String words) {
    public AddressOffer {
        Objects.requireNonNull(parent, "parent");
        Objects.requireNonNull(words, "words");
    }

    /** An address that a network gave to an adapter for a while. */
    public record Lease(String mac, String address) {}

    /**
     * Looks at a network as libvirt describes it.
     *
     * @param network its definition
     * @param leases those that hold now
     */
    public static AddressOffer of(XmlDocument network, List<Lease> leases, String mac, String address) {
        String name = network.first("name").map(found -> found.getTextContent().strip()).orElse("");
        List<Element> subnets = network.all("ip");
        boolean gives = false;
        for (int place = 0; place < subnets.size(); place++) {
            Element subnet = subnets.get(place);
            if (subnet.getAttribute("family").equals("ipv6") || XmlDocument.first(subnet, "dhcp").isEmpty()) {
                continue;
            }
            gives = true;
            int prefix = Ipv4.prefix(XmlDocument.attribute(subnet, "prefix")
                    .or(() -> XmlDocument.attribute(subnet, "netmask")).orElse("24"));
            if (Ipv4.isHostIn(address, subnet.getAttribute("address"), prefix)) {
                return ofSubnet(new Wish(name, mac, address), subnet, place, leases);
            }
        }
        return new Wish(name, mac, address).refused(gives ? "is of no subnet of network " + name
                + ": that gives it another" : "cannot be kept by network " + name + ", which gives no addresses: "
                + "its guest has to have it set, or asks whoever does give addresses there");
    }

    private static AddressOffer ofSubnet(Wish wish, Element subnet, int place, List<Lease> leases) {
        if (subnet.getAttribute("address").equals(wish.address())) {
            return wish.refused("is that of network " + wish.network() + " itself: that gives it another");
        }
        for (Element host : XmlDocument.all(subnet, "dhcp/host")) {
            boolean own = host.getAttribute("mac").equalsIgnoreCase(wish.mac());
            boolean same = host.getAttribute("ip").equals(wish.address());
            if (own && same) {
                return new AddressOffer(true, true, OptionalInt.of(place), wish.says("is kept"));
            }
            if (own) {
                return wish.refused("is not kept: network " + wish.network() + " has " + host.getAttribute("ip")
                        + " reserved for it");
            }
            if (same) {
                return wish.refused("is reserved for " + host.getAttribute("mac") + " in network " + wish.network()
                        + ": that gives it another");
            }
        }
        return leases.stream().filter(lease -> lease.address().equals(wish.address())
                        && !lease.mac().equalsIgnoreCase(wish.mac())).findFirst()
                .map(taken -> wish.refused("is in use by " + taken.mac() + " in network " + wish.network()
                        + ": that gives it another"))
                .orElseGet(() -> new AddressOffer(true, false, OptionalInt.of(place), wish.says("is kept")));
    }

    private record Wish(String network, String mac, String address) {
        AddressOffer refused(String why) {
            return new AddressOffer(false, false, OptionalInt.empty(), says(why));
        }

        String says(String what) {
            return "Address " + address + " of network adapter " + mac + " " + what + ".";
        }
    }
}
