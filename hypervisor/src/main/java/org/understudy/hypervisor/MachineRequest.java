package org.understudy.hypervisor;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/**
 * As what a VM is to be defined at a host, and with which disks and networks.
 *
 * @param item that it is made for, and marked with
 * @param incarnation tells this making of the VM from every other: a VM that looks at its Generation ID learns that it
 *     was set back or copied (decision 23)
 * @param disks the image of each disk that the host has
 */
public record MachineRequest(
        ItemId item, VmId id, String name, UUID incarnation, Map<DiskName, Path> disks, Connections connections) {
    public MachineRequest {
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(incarnation, "incarnation");
        disks = new TreeMap<>(disks);
        Objects.requireNonNull(connections, "connections");
    }

    /**
     * To which networks the adapters go.
     *
     * @param byMac by the adapter's address; an empty connection is none, as somebody decided
     * @param others where those go that are not named; empty for nowhere
     * @param expectsAll whether an adapter that is not named is something to be told of
     */
    public record Connections(
            Map<String, Optional<Connection>> byMac, Optional<Connection> others, boolean expectsAll) {
        public Connections {
            Map<String, Optional<Connection>> lower = new LinkedHashMap<>();
            byMac.forEach((mac, connection) -> lower.put(mac.toLowerCase(Locale.ROOT), connection));
            byMac = Map.copyOf(lower);
        }

        /** All adapters at one place, or at none. */
        public static Connections all(Optional<Connection> connection) {
            return new Connections(Map.of(), connection, false);
        }

        /** Each adapter where it is mapped to; the others at nothing, and named. */
        public static Connections mapped(Map<String, Optional<Connection>> byMac) {
            return new Connections(byMac, Optional.empty(), true);
        }
    }

    /**
     * A network of the host, by the name that it is reported under.
     *
     * @param portGroup of a network of libvirt
     */
    public record Connection(String network, Optional<String> portGroup) {
        public Connection {
            Objects.requireNonNull(network, "network");
            Objects.requireNonNull(portGroup, "portGroup");
        }
    }
}
