package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.hypervisor.AddressOffer;

/** That networks of a real libvirtd give VMs of another site the addresses that they had there. */
@Tag("slow")
@EnabledIf(LibvirtHost.IS_NAMED)
class LibvirtAddressesTest {
    private static final String MAC = "52:54:00:7e:57:01";
    private static final String ADDRESS = "10.214.7.50";

    @TempDir
    private Path folder;

    private final String network = "net-" + UUID.randomUUID().toString().substring(0, 8);
    private LibvirtHost host;
    private LibvirtHypervisor hypervisor;

    @BeforeEach
    void makeNetwork() throws Exception {
        host = LibvirtHost.named();
        hypervisor = host.hypervisor(folder);
        Path xml = Files.writeString(folder.resolve("net.xml"), "<network><name>" + network + "</name>"
                + "<ip address='10.214.7.1' prefix='24'><dhcp><range start='10.214.7.100' end='10.214.7.120'/>"
                + "<host mac='52:54:00:7e:57:09' ip='10.214.7.60'/></dhcp></ip></network>");
        host.virsh("net-define", xml.toString());
    }

    @AfterEach
    void removeNetwork() throws IOException {
        try {
            if (host.virsh("net-list", "--name").contains(network)) {
                host.virsh("net-destroy", network);
            }
            host.virsh("net-undefine", network);
        } finally {
            hypervisor.close();
        }
    }

    private String reservations(String... flags) throws Exception {
        return host.virsh(flags.length == 0 ? new String[] {"net-dumpxml", network}
                : new String[] {"net-dumpxml", network, flags[0]});
    }

    @Test
    void reservesAnAddressForGoodWhetherTheNetworkRunsOrNot() throws Exception {
        assertThat(hypervisor.offer(network, MAC, ADDRESS).kept()).isTrue();
        assertThat(reservations()).doesNotContain(MAC);

        AddressOffer offer = hypervisor.reserve(network, MAC, ADDRESS);
        assertThat(offer.kept()).isTrue();
        assertThat(reservations()).contains(MAC, ADDRESS);
        assertThat(hypervisor.reserve(network, MAC, ADDRESS).reserved()).as("asked again").isTrue();

        host.virsh("net-start", network);
        assertThat(hypervisor.reserve(network, "52:54:00:7e:57:02", "10.214.7.51").kept()).isTrue();
        assertThat(reservations()).contains("10.214.7.51");
        assertThat(reservations("--inactive")).contains("10.214.7.51", ADDRESS);
    }

    @Test
    void takesNoAddressFromOthersAndNoneOfAnotherSubnet() throws Exception {
        assertThat(hypervisor.reserve(network, MAC, "10.214.7.60").words()).contains("reserved for 52:54:00:7e:57:09");
        assertThat(hypervisor.reserve(network, MAC, "192.168.99.5").words()).contains("is of no subnet");
        assertThat(reservations()).doesNotContain(MAC);
    }
}
