package org.understudy.agent.main;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostFact;

/**
 * Where other hosts are told to reach this one: a name or an address without a port, as typed for {@code register}.
 *
 * @param value as it is kept: an IPv6 address without brackets
 */
record ReplicationAddress(String value) {
    /** Reads one, {@code [fd00::12]} too; REQUEST_INVALID of one that leads every host to itself. */
    static ReplicationAddress parse(String typed) {
        String value = typed.strip();
        if (value.startsWith("[") && value.endsWith("]")) {
            value = value.substring(1, value.length() - 1);
        }
        if (leadsNowhere(value)) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "The replication address " + typed
                    + " leads other hosts to themselves and not to this one.",
                    "Give the address by which they reach this host: --replication-address.");
        }
        return new ReplicationAddress(value);
    }

    private static boolean leadsNowhere(String value) {
        String name = value.toLowerCase(Locale.ROOT);
        if (name.equals("localhost") || name.startsWith("localhost.")) {
            return true;
        }
        try {
            InetAddress literal = InetAddress.ofLiteral(value);
            return literal.isLoopbackAddress() || literal.isAnyLocalAddress();
        } catch (IllegalArgumentException aName) {
            return false;
        }
    }

    /** What is said of a name that nobody here knows; the other site may know it, so it is no refusal. */
    Optional<HostFact> warning() {
        try {
            InetAddress.getByName(value);
            return Optional.empty();
        } catch (UnknownHostException e) {
            return Optional.of(HostFact.no("replication address", "No address of the name " + value
                    + " is known to this host.", "See that the other site's hosts know the name, or register with an "
                            + "address: --replace --replication-address."));
        }
    }
}
