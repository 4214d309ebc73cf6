package org.understudy.vault.main;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.database.DatabaseConfig;
import org.understudy.vault.name.ObjectName;

/**
 * How a vault is to run.
 *
 * @param data its folder
 * @param address where it listens; a wildcard for all addresses of the machine
 * @param advertised by which names and addresses it is reached; the first one stands in registration keys
 */
public record VaultConfig(
        Path data, InetSocketAddress address, List<String> advertised, Optional<String> name,
        DatabaseConfig database) {
    private static final int PORT_MAX = 65_535;

    public VaultConfig {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(database, "database");
        name.ifPresent(ObjectName::new);
        advertised.stream().filter(it -> !isReachable(it)).findFirst().ifPresent(wrong -> {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "The vault cannot be advertised as \"" + wrong + "\": it is no name of a machine and no address.",
                    "Give names or addresses alone to --advertise, without https:// and without a port.");
        });
        advertised = List.copyOf(advertised.isEmpty() ? namesOf(address) : advertised);
    }

    /** Whether this can stand in an address and in a certificate. */
    private static boolean isReachable(String name) {
        try {
            String host = new URI("https", null, bracketed(name), 1, null, null, null).getHost();
            return name.indexOf('%') < 0 && bracketed(name).equals(host);
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static String bracketed(String host) {
        return host.contains(":") ? "[" + host + "]" : host;
    }

    /** Parses {@code host:port}, {@code [address]:port} or {@code :port}. */
    static InetSocketAddress parseAddress(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("\"" + text + "\" is not of the form HOST:PORT");
        }
        String typed = text.substring(0, colon).replaceAll("^\\[|]$", "");
        int port;
        try {
            port = Integer.parseInt(text.substring(colon + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text + "\" does not end with a port", e);
        }
        if (port < 0 || port > PORT_MAX) {
            throw new IllegalArgumentException("\"" + text + "\" does not end with a port, 0 to " + PORT_MAX);
        }
        InetSocketAddress address = new InetSocketAddress(typed.isEmpty() ? "0.0.0.0" : typed, port);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("no address is known for the name \"" + typed + "\"");
        }
        requireInReach(typed, address.getAddress());
        return address;
    }

    /**
     * Many machines know their own name as an address of the loopback, which no other machine reaches: Debian's
     * installer writes 127.0.1.1 for it. Who means the loopback says so.
     */
    static void requireInReach(String typed, InetAddress address) {
        if (address.isLoopbackAddress() && !typed.equals("localhost") && !typed.matches("[0-9.]+|[0-9a-fA-F:]+")) {
            throw new IllegalArgumentException(("\"%s\" is %s on this machine, which no other machine reaches; leave "
                    + "--address away and give --advertise %1$s").formatted(typed, address.getHostAddress()));
        }
    }

    /** Where agents and people reach the vault once it listens on this port. */
    URI url(int port) {
        String host = advertised.getFirst();
        return URI.create("https://" + bracketed(host) + ":" + port);
    }

    /** All names and addresses that the server's certificate is good for. */
    List<String> certifiedNames() {
        Set<String> names = new LinkedHashSet<>(advertised);
        names.addAll(namesOf(address));
        names.add("localhost");
        names.add("127.0.0.1");
        names.removeIf(name -> !isReachable(name));
        return List.copyOf(names);
    }

    private static List<String> namesOf(InetSocketAddress address) {
        return address.getAddress() != null && address.getAddress().isAnyLocalAddress()
                ? namesOfThisMachine() : List.of(address.getHostString());
    }

    private static List<String> namesOfThisMachine() {
        List<String> names = new ArrayList<>();
        try {
            names.add(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException e) {
            names.add("localhost");
        }
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                    .map(InetAddress::getHostAddress)
                    .forEach(names::add);
        } catch (SocketException e) {
            throw new IllegalStateException("this machine's addresses cannot be listed; name them by --advertise", e);
        }
        // A machine may have a name that no address can contain, such as one with an underscore.
        return names.stream().filter(VaultConfig::isReachable).toList();
    }
}
