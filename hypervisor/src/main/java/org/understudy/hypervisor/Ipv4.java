package org.understudy.hypervisor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** IPv4 addresses as text, and the subnets that they are of; no name is ever looked up. */
public final class Ipv4 {
    private static final Pattern DOTTED = Pattern.compile(
            "(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    private static final int BITS = 32;

    private Ipv4() {}

    static boolean isAddress(String text) {
        Matcher matcher = DOTTED.matcher(text);
        if (!matcher.matches()) {
            return false;
        }
        for (int octet = 1; octet <= 4; octet++) {
            if (Integer.parseInt(matcher.group(octet)) > 255) {
                return false;
            }
        }
        return true;
    }

    /** The number that an address is, unsigned. */
    public static long number(String address) {
        long number = 0;
        for (String octet : address.split("\\.")) {
            number = number << 8 | Integer.parseInt(octet);
        }
        return number;
    }

    /** The length of a prefix that is written as such, or as a mask. */
    public static int prefix(String text) {
        return isAddress(text) ? Long.bitCount(number(text)) : Integer.parseInt(text);
    }

    /** Whether an address can be a host's in the subnet of another: neither its first nor its last, nor outside. */
    static boolean isHostIn(String address, String other, int prefix) {
        long size = 1L << (BITS - prefix);
        long first = number(other) & -size;
        return number(address) > first && number(address) < first + size - 1;
    }
}
