package org.understudy.agent.target;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.hypervisor.AdapterAddresses;
import org.understudy.hypervisor.AddressOffer;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.MachineRequest.Connection;
import org.understudy.hypervisor.MachineRequest.Connections;
import org.understudy.model.FailureException;
import org.understudy.model.NetworkKind;

/**
 * Has the networks of this host give a VM the addresses that it had at its source, where they can (N-10): reserved just
 * before its failover, and said beforehand. An address that cannot be kept is said too, and stops nothing.
 */
final class AddressRetention {
    private static final Logger LOG = LoggerFactory.getLogger(AddressRetention.class);

    private final Hypervisor hypervisor;

    AddressRetention(Hypervisor hypervisor) {
        this.hypervisor = hypervisor;
    }

    /** What would become of each known address, in sentences; changes nothing. */
    List<String> look(String definition, Connections connections) {
        return each(definition, connections, hypervisor::offer);
    }

    /** Reserves each that can be kept; in sentences, what became of each. */
    List<String> reserve(String definition, Connections connections) {
        return each(definition, connections, hypervisor::reserve);
    }

    @FunctionalInterface
    private interface Asking {
        AddressOffer ask(String network, String mac, String address) throws IOException;
    }

    private static List<String> each(String definition, Connections connections, Asking asking) {
        MachineDefinition machine = new MachineDefinition(definition);
        AdapterAddresses known = AdapterAddresses.of(machine);
        List<String> told = new ArrayList<>();
        for (String adapter : machine.adapterAddresses()) {
            String mac = adapter.toLowerCase(Locale.ROOT);
            Optional<String> network = connections.byMac().getOrDefault(mac, connections.others())
                    .map(Connection::network).filter(name -> NetworkKind.of(name) == NetworkKind.LIBVIRT);
            if (network.isPresent() && known.byMac().containsKey(mac)) {
                told.add(one(network.get(), mac, known.byMac().get(mac), asking));
            }
        }
        return told;
    }

    private static String one(String network, String mac, String address, Asking asking) {
        try {
            return asking.ask(network, mac, address).words();
        } catch (IOException | FailureException e) {
            LOG.warn("an address cannot be kept network={} mac={} address={}", network, mac, address, e);
            return "Address %s of network adapter %s may be another: network %s could not be asked for it."
                    .formatted(address, mac, network);
        }
    }
}
