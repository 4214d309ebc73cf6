package org.understudy.vault.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.model.NetworkAdapter;
import org.understudy.model.VirtualNetwork;

/** The rules N-04 to N-08, one by one. */
class NetworkMapperTest {
    private static final List<VirtualNetwork> TARGETS = List.of(
            new VirtualNetwork("prod-ams", true, List.of("first", "web", "data")),
            new VirtualNetwork("flat-ams", true, List.of()));

    private static NetworkAdapter on(String network, String subnet) {
        return new NetworkAdapter(0, "52:54:00:00:00:01", Optional.ofNullable(network), Optional.ofNullable(subnet));
    }

    private static AdapterAttachment attached(NetworkAdapter adapter, Map<String, String> mappings) {
        return NetworkMapper.attach(List.of(adapter), mappings, TARGETS).getFirst();
    }

    private static AdapterAttachment to(String network, String subnet) {
        return new AdapterAttachment(0, "52:54:00:00:00:01", Optional.ofNullable(network), Optional.ofNullable(subnet));
    }

    @Test
    void takesTheSubnetOfTheSameName() {
        assertThat(attached(on("prod", "web"), Map.of("prod", "prod-ams"))).isEqualTo(to("prod-ams", "web"));
    }

    @Test
    void takesTheFirstSubnetWhenNoneHasTheSameName() {
        assertThat(attached(on("prod", "mail"), Map.of("prod", "prod-ams"))).isEqualTo(to("prod-ams", "first"));
    }

    @Test
    void takesTheFirstSubnetWhenTheSourceNamesNone() {
        assertThat(attached(on("prod", null), Map.of("prod", "prod-ams"))).isEqualTo(to("prod-ams", "first"));
    }

    @Test
    void takesNoSubnetWhereTheTargetHasNone() {
        assertThat(attached(on("prod", "web"), Map.of("prod", "flat-ams"))).isEqualTo(to("flat-ams", null));
    }

    @Test
    void connectsToNothingWithoutAMapping() {
        assertThat(attached(on("prod", "web"), Map.of("other", "prod-ams"))).isEqualTo(to(null, null));
    }

    @Test
    void connectsToNothingWhatIsOnNoNetwork() {
        assertThat(attached(on(null, null), Map.of("prod", "prod-ams"))).isEqualTo(to(null, null));
    }

    @Test
    void namesTheMappedNetworksThatTheTargetLacks() {
        assertThat(NetworkMapper.missing(List.of(on("prod", "web"), on("dmz", null), on("lab", null)),
                Map.of("prod", "prod-ams", "dmz", "dmz-ams"), TARGETS)).containsExactly("dmz-ams");
    }

    @Test
    void leadsANetworkBackToTheOneThatIsMappedToItUnlessThereAreSeveral() {
        assertThat(NetworkMapper.bothWays(Map.of(), Map.of("prod", "prod-ams", "dmz", "dmz-ams", "lab", "dmz-ams")))
                .isEqualTo(Map.of("prod-ams", "prod"));
        assertThat(NetworkMapper.bothWays(Map.of("prod-ams", "other"), Map.of("prod", "prod-ams")))
                .isEqualTo(Map.of("prod-ams", "other"));
    }
}
