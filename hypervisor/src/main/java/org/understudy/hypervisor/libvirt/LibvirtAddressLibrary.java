package org.understudy.hypervisor.libvirt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import org.understudy.hypervisor.AddressOffer.Lease;

/** The functions of libvirt about the addresses that its networks give; the rules of {@link LibvirtLibrary} hold. */
final class LibvirtAddressLibrary {
    private static final int ADD_LAST = 3;
    private static final int SECTION_DHCP_HOST = 4;
    private static final int AFFECT_LIVE = 1;
    private static final int AFFECT_CONFIG = 2;

    /** {@code struct { char *iface; long long expiry; int type; char *mac; char *iaid; char *ipaddr; … }}. */
    private static final long LEASE_BYTES = 72;
    private static final long LEASE_TYPE = 16;
    private static final long LEASE_MAC = 24;
    private static final long LEASE_ADDRESS = 40;
    private static final int TYPE_IPV4 = 0;

    private static final MethodHandle GET_LEASES =
            LibvirtLibrary.number("virNetworkGetDHCPLeases", ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle LEASE_FREE = LibvirtLibrary.nothing("virNetworkDHCPLeaseFree", ADDRESS);
    private static final MethodHandle UPDATE = LibvirtLibrary.number(
            "virNetworkUpdate", ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);

    private LibvirtAddressLibrary() {}

    /** The IPv4 addresses that a network has given for now. */
    static List<Lease> leases(MemorySegment network) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(ADDRESS);
            int count = LibvirtLibrary.check(
                    LibvirtLibrary.invokeNumber(GET_LEASES, network, MemorySegment.NULL, result, 0));
            MemorySegment array = result.get(ADDRESS, 0);
            List<Lease> leases = new ArrayList<>();
            try {
                MemorySegment elements = array.reinterpret(ADDRESS.byteSize() * count);
                for (int i = 0; i < count; i++) {
                    MemorySegment lease = elements.getAtIndex(ADDRESS, i).reinterpret(LEASE_BYTES);
                    MemorySegment mac = lease.get(ADDRESS, LEASE_MAC);
                    if (lease.get(JAVA_INT, LEASE_TYPE) == TYPE_IPV4 && mac.address() != 0) {
                        leases.add(new Lease(LibvirtLibrary.text(mac),
                                LibvirtLibrary.text(lease.get(ADDRESS, LEASE_ADDRESS))));
                    }
                    LibvirtLibrary.invoke(LEASE_FREE, lease);
                }
            } finally {
                LibvirtLibrary.free(array);
            }
            return leases;
        }
    }

    /** Reserves an address in one of a network's subnets, now if it runs and for good. */
    static void reserve(MemorySegment network, int subnet, String host) throws LibvirtException {
        int flags = LibvirtLibrary.virNetworkIsActive(network) ? AFFECT_LIVE | AFFECT_CONFIG : AFFECT_CONFIG;
        try (Arena arena = Arena.ofConfined()) {
            LibvirtLibrary.check(LibvirtLibrary.invokeNumber(
                    UPDATE, network, ADD_LAST, SECTION_DHCP_HOST, subnet, arena.allocateFrom(host), flags));
        }
    }
}
