package org.understudy.model;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * What counts as one stranger at a port: an IPv4 address, or the 64 bits of an IPv6 network, within which one machine
 * has as many addresses as it likes.
 *
 * @param name as people read it, such as {@code 192.0.2.7} or {@code 2001:db8:0:0:0:0:0:0/64}
 */
public record AddressBlock(String name) {
    private static final int NETWORK_BYTES = 8;

    /** The block that an address belongs to. */
    public static AddressBlock of(InetAddress address) {
        if (!(address instanceof Inet6Address six)) {
            return new AddressBlock(address.getHostAddress());
        }
        byte[] network = Arrays.copyOf(Arrays.copyOf(six.getAddress(), NETWORK_BYTES), six.getAddress().length);
        try {
            return new AddressBlock(InetAddress.getByAddress(network).getHostAddress() + "/64");
        } catch (UnknownHostException e) {
            throw new IllegalStateException("16 bytes are an IPv6 address", e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
