package org.understudy.vault.main;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.understudy.vault.database.DatabaseConfig;

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
    public VaultConfig {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(database, "database");
        advertised = List.copyOf(advertised.isEmpty() ? namesOf(address) : advertised);
    }

    /** Parses {@code host:port}, {@code [address]:port} or {@code :port}. */
    static InetSocketAddress parseAddress(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("\"" + text + "\" is not of the form HOST:PORT");
        }
        String host = text.substring(0, colon).replaceAll("^\\[|]$", "");
        int port;
        try {
            port = Integer.parseInt(text.substring(colon + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text + "\" does not end with a port", e);
        }
        return new InetSocketAddress(host.isEmpty() ? "0.0.0.0" : host, port);
    }

    /** Where agents and people reach the vault once it listens on this port. */
    URI url(int port) {
        String host = advertised.getFirst();
        return URI.create("https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
    }

    /** All names and addresses that the server's certificate is good for. */
    List<String> certifiedNames() {
        Set<String> names = new LinkedHashSet<>(advertised);
        names.addAll(namesOf(address));
        names.add("localhost");
        names.add("127.0.0.1");
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
        return names;
    }
}
