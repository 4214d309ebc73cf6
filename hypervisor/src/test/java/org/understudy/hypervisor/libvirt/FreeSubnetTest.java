package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.understudy.hypervisor.XmlDocument;

/** The subnet that an isolated network is given. */
class FreeSubnetTest {
    @Test
    void choosesTheFirstThatNothingOverlaps() {
        assertThat(chosen()).isEqualTo("192.168.200.1");
        assertThat(chosen("192.168.200.1/24", "192.168.201.77/255.255.255.0")).isEqualTo("192.168.202.1");
        assertThat(chosen("192.168.200.0/21")).isEqualTo("192.168.208.1");
        assertThat(chosen("192.168.0.0/16")).isEqualTo("10.213.0.1");
    }

    @Test
    void findsNoneWhenAllAreTaken() {
        assertThat(FreeSubnet.besidesRanges(ranges("192.168.0.0/16", "10.0.0.0/8"))).isEmpty();
    }

    @Test
    void readsTheSubnetsOfNetworks() {
        assertThat(LibvirtNetworks.subnets(XmlDocument.parse("""
                <network><ip address='192.168.122.1' netmask='255.255.255.0'/><ip family='ipv6' address='fd00::1'/>
                <ip address='10.0.0.1' prefix='16'/></network>""")))
                .containsExactly("192.168.122.1/255.255.255.0", "10.0.0.1/16");
    }

    @Test
    void describesANetworkWithoutAWayOut() {
        assertThat(LibvirtNetworks.isolated("test-1", new FreeSubnet(192 << 24 | 168 << 16 | 200 << 8)))
                .doesNotContain("forward")
                .contains("<name>test-1</name>", "understudy:network", "<dns enable=\"no\"/>")
                .contains("<ip address=\"192.168.200.1\" prefix=\"24\">")
                .contains("<range end=\"192.168.200.254\" start=\"192.168.200.2\"/>");
    }

    private static String chosen(String... used) {
        return FreeSubnet.besidesRanges(ranges(used)).orElseThrow().host(1);
    }

    private static List<FreeSubnet.Range> ranges(String... texts) {
        return List.of(texts).stream().map(FreeSubnet.Range::parse).toList();
    }
}
