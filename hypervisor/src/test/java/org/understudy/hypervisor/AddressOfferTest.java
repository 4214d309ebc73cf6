package org.understudy.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.understudy.hypervisor.AddressOffer.Lease;

/** Which address a VM keeps at another site, and why it does not. */
class AddressOfferTest {
    private static final String MAC = "52:54:00:aa:00:01";
    private static final XmlDocument NETWORK = XmlDocument.parse("""
            <network><name>recovery</name>
              <ip family='ipv6' address='fd00::1' prefix='64'><dhcp/></ip>
              <ip address='10.7.1.1' netmask='255.255.255.0'/>
              <ip address='192.168.5.1' prefix='24'><dhcp>
                <range start='192.168.5.100' end='192.168.5.199'/>
                <host mac='52:54:00:aa:00:09' ip='192.168.5.20'/>
                <host mac='52:54:00:AA:00:07' ip='192.168.5.30'/>
              </dhcp></ip>
            </network>""");
    private static final List<Lease> LEASES =
            List.of(new Lease("52:54:00:bb:00:01", "192.168.5.40"), new Lease(MAC, "192.168.5.41"));

    private static AddressOffer offer(String mac, String address) {
        return AddressOffer.of(NETWORK, LEASES, mac, address);
    }

    @Test
    void keepsAnAddressThatIsFreeInASubnetWithDhcp() {
        AddressOffer offer = offer(MAC, "192.168.5.50");
        assertThat(offer.kept()).isTrue();
        assertThat(offer.reserved()).isFalse();
        assertThat(offer.parent()).hasValue(2);
        assertThat(offer.words()).isEqualTo("Address 192.168.5.50 of network adapter " + MAC + " is kept.");
        assertThat(offer(MAC, "192.168.5.41").kept()).as("its own lease").isTrue();
    }

    @Test
    void findsAReservationThatIsThereAlreadyWhateverItsLetters() {
        assertThat(offer("52:54:00:aa:00:07", "192.168.5.30").reserved()).isTrue();
    }

    @Test
    void leavesToOthersWhatIsTheirs() {
        assertThat(offer(MAC, "192.168.5.20").words()).contains("reserved for 52:54:00:aa:00:09");
        assertThat(offer(MAC, "192.168.5.40").words()).contains("in use by 52:54:00:bb:00:01");
        assertThat(offer(MAC, "192.168.5.1").words()).contains("is that of network recovery itself");
        assertThat(offer("52:54:00:aa:00:09", "192.168.5.50").words()).contains("has 192.168.5.20 reserved for it");
    }

    @Test
    void saysThatAnotherIsGivenWhereTheSubnetIsAnother() {
        for (String address : List.of("10.7.1.50", "172.16.0.9", "192.168.5.0", "192.168.5.255")) {
            assertThat(offer(MAC, address).kept()).as(address).isFalse();
            assertThat(offer(MAC, address).words()).contains("is of no subnet of network recovery");
        }
        XmlDocument bridge = XmlDocument.parse("<network><name>lan</name><forward mode='bridge'/></network>");
        assertThat(AddressOffer.of(bridge, List.of(), MAC, "192.168.5.50").words()).contains("gives no addresses");
    }

    @Test
    void travelsWithTheDefinitionAndStaysWhenALeaseEnds() {
        MachineDefinition vm = new MachineDefinition("<domain><name>web01</name><devices><interface type='network'>"
                + "<mac address='52:54:00:AA:00:01'/></interface></devices></domain>");
        MachineDefinition noted = new AdapterAddresses(Map.of(MAC, "192.168.5.50")).notedIn(vm);
        assertThat(AdapterAddresses.of(noted).byMac()).containsEntry(MAC, "192.168.5.50");
        assertThat(new AdapterAddresses(Map.of(MAC, "192.168.5.50")).notedIn(noted)).isSameAs(noted);
        AdapterAddresses kept = AdapterAddresses.of(vm).orElse(AdapterAddresses.of(noted), vm);
        assertThat(kept.notedIn(vm).xml()).isEqualTo(noted.xml());
        MachineDefinition without = new MachineDefinition("<domain><name>web01</name></domain>");
        assertThat(AdapterAddresses.of(without).orElse(kept, without).byMac()).as("an adapter that is gone").isEmpty();
    }
}
