package org.understudy.model;

import java.util.Arrays;

/**
 * What a network of a host is, told by the beginning of its name: a network of libvirt has no such beginning, a bridge
 * of the host is {@code bridge:br0}, one of Open vSwitch {@code ovs:br-int}. So each is one word, and none is taken for
 * another of the same name.
 */
public enum NetworkKind {
    LIBVIRT(""), BRIDGE("bridge:"), OPEN_VSWITCH("ovs:");

    private final String prefix;

    NetworkKind(String prefix) {
        this.prefix = prefix;
    }

    /** The kind of a network that is named so. */
    public static NetworkKind of(String name) {
        return Arrays.stream(values()).filter(kind -> kind != LIBVIRT && name.startsWith(kind.prefix)).findFirst()
                .orElse(LIBVIRT);
    }

    /** The name of a network of this kind, as vault and people write it. */
    public String named(String own) {
        return prefix + own;
    }

    /** What the host itself calls the network of such a name. */
    public static String own(String name) {
        return name.substring(of(name).prefix.length());
    }
}
