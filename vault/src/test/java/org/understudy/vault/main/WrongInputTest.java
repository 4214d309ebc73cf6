package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.CloudPairRequest;
import org.understudy.api.CloudRequest;
import org.understudy.api.DryRunView;
import org.understudy.api.MachineView;
import org.understudy.api.NetworkMappingRequest;
import org.understudy.api.NetworkMappingView;
import org.understudy.api.NetworkView;
import org.understudy.api.PolicyRequest;
import org.understudy.api.ProtectRequest;
import org.understudy.api.TestFailoverRequest;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VirtualNetwork;

/** Wrong input gets a clear error and changes nothing; what is in use stays. */
@Tag("slow")
class WrongInputTest {
    @TempDir
    static Path data;
    private static Story story;

    @BeforeAll
    static void tell() throws IOException {
        story = Story.told(data.resolve("main"));
    }

    @AfterAll
    static void end() {
        story.close();
    }

    private static MachineView machine(String name) {
        return story.people().machines(Optional.empty()).stream()
                .filter(view -> view.machine().name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void namesAnUnknownMachine() {
        Refusals.assertRefused(FailureCode.NOT_FOUND, "virtual machine \"web99\"",
                () -> story.people().protect(ProtectRequest.of("web99")));
    }

    @Test
    void namesEachDiskThatCannotBeTracked() {
        Refusals.assertRefused(FailureCode.VM_CANNOT_BE_PROTECTED,
                "Disk vdb of VM raw01 has the format raw. Disk vdc of VM raw01 is shared.",
                () -> story.people().protect(ProtectRequest.of("raw01")));
        assertThat(machine("raw01").readinessErrors()).singleElement()
                .satisfies(error -> assertThat(error.code()).isEqualTo(FailureCode.VM_CANNOT_BE_PROTECTED));
        assertThat(machine("web01").readinessErrors()).isEmpty();
    }

    @Test
    void dryRunsSayWhatWouldBeDoneAndChangeNothing() {
        DryRunView possible = story.people().protectDryRun(ProtectRequest.of("web01"));
        assertThat(possible.possible()).isTrue();
        assertThat(possible.actions()).anySatisfy(action -> assertThat(action).contains("kvm-ams"));
        DryRunView impossible = story.people().protectDryRun(ProtectRequest.of("raw01"));
        assertThat(impossible.possible()).isFalse();
        assertThat(story.people().jobs(Optional.empty(), false)).noneMatch(
                job -> job.object().orElseThrow().name().equals("raw01"));
    }

    @Test
    void refusesWhatIsProtectedAlreadyAndAPointThatIsNotThere() throws IOException {
        try (Story other = Story.told(data.resolve("other"))) {
            String item = other.protectedItem().toString();
            Refusals.assertRefused(FailureCode.VM_ALREADY_PROTECTED,
                    () -> other.people().protect(ProtectRequest.of("web01")));
            Refusals.assertRefused(FailureCode.NO_RECOVERY_POINT, "no recovery point 1-99",
                    () -> other.people().testFailover(item,
                            new TestFailoverRequest(Optional.of("1-99"), Optional.empty())));
            Refusals.assertRefused(FailureCode.NO_RECOVERY_POINT, () -> other.people().testFailover(item,
                    new TestFailoverRequest(Optional.of("latest-application-consistent"), Optional.empty())));
            Refusals.assertRefused(FailureCode.REQUEST_INVALID, () -> other.people().testFailover(item,
                    new TestFailoverRequest(Optional.of("yesterday"), Optional.empty())));
            Refusals.assertRefused(FailureCode.NOT_FOUND, "has no network nowhere",
                    () -> other.people().testFailover(item,
                            new TestFailoverRequest(Optional.empty(), Optional.of("nowhere"))));
            Refusals.assertRefused(FailureCode.IN_USE, "protected item web01",
                    () -> other.people().deleteCloudPair("gold-to-gold-ams"));
            Refusals.assertRefused(FailureCode.STATE_FORBIDS, () -> other.people().commit(item));
        }
    }

    @Test
    void refusesATestInANetworkOfProductionUnlessItIsForcedWithAReason() throws IOException {
        try (Story other = Story.told(data.resolve("production"))) {
            String item = other.protectedItem().toString();
            Optional<String> mapped = Optional.of("prod-ams");
            Refusals.assertRefused(FailureCode.STATE_FORBIDS, "Network prod-ams of host kvm-ams is where VMs",
                    () -> other.people().testFailover(item, new TestFailoverRequest(Optional.empty(), mapped)));
            Refusals.assertRefused(FailureCode.REQUEST_INVALID, "takes a reason", () -> other.people().testFailover(
                    item, new TestFailoverRequest(Optional.empty(), mapped, Optional.of(true), Optional.empty())));
            other.ended(other.people().testFailover(item, new TestFailoverRequest(
                    Optional.empty(), mapped, Optional.of(true), Optional.of("the night of the drill"))).id());
            assertThat(other.people().audit(5)).anySatisfy(record ->
                    assertThat(record.object().orElse("")).contains("forced: the night of the drill"));

            other.clock().move(Duration.ofHours(9));
            assertThat(other.people().item(item).health().reasons()).anySatisfy(reason -> assertThat(reason)
                    .contains("is open for 9 hours", "understudy failover cleanup web01"));
        }
    }

    @Test
    void aNetworkCalledIsolatedIsNamedByAPrefix() throws IOException {
        try (Story other = Story.told(data.resolve("isolated"))) {
            String item = other.protectedItem().toString();
            Refusals.assertRefused(FailureCode.NOT_FOUND, "has no network isolated", () -> other.people().testFailover(
                    item, new TestFailoverRequest(Optional.empty(), Optional.of("network:isolated"))));
        }
    }

    @Test
    void anItemFollowsTheNameOfItsMachineAndTestNetworksAreNobodysToMap() throws IOException {
        try (Story other = Story.told(data.resolve("renamed"))) {
            String item = other.protectedItem().toString();
            VirtualMachine old = Story.web01(PowerState.RUNNING);
            other.stockholm().has(List.of(new VirtualMachine(
                    old.id(), "shop01", old.power(), old.disks(), old.adapters())),
                    new VirtualNetwork("prod", true, List.of()),
                    new VirtualNetwork("understudy-test-1", true, List.of()));
            assertThat(other.people().item("shop01").id().toString()).isEqualTo(item);
            assertThat(other.people().networks(Optional.of("stockholm"))).extracting(NetworkView::name)
                    .containsExactly("prod");
        }
    }

    @Test
    void whatIsNotThereNamesTheCommandThatListsIt() {
        Refusals.assertRefused(FailureCode.NOT_FOUND, () -> story.people().host("paris"));
        assertThatThrownBy(() -> story.people().host("paris")).isInstanceOfSatisfying(FailureException.class, refused ->
                assertThat(refused.failure().recommendedAction()).contains("understudy host list"));
    }

    @Test
    void refusesToProtectWithoutACloudPair() throws IOException {
        try (Story other = Story.empty(data.resolve("unpaired"))) {
            other.people().createSite("stockholm");
            other.people().createSite("amsterdam");
            other.join();
            other.stockholm().has(List.of(Story.web01(PowerState.RUNNING)));
            Refusals.assertRefused(FailureCode.NO_CLOUD_PAIR, "host kvm-sto is in no cloud",
                    () -> other.people().protect(ProtectRequest.of("web01")));
            other.people().createCloud(new CloudRequest("gold", "stockholm", List.of("kvm-sto")));
            Refusals.assertRefused(FailureCode.NO_CLOUD_PAIR,
                    "cloud gold of host kvm-sto is in no cloud pair",
                    () -> other.people().protect(ProtectRequest.of("web01")));
            assertThat(other.people().items()).isEmpty();
        }
    }

    @Test
    void namesTheNetworkThatNoHostOfTheTargetCloudHas() throws IOException {
        try (Story other = Story.told(data.resolve("networks"))) {
            other.amsterdam().has(List.of(), new VirtualNetwork("lab", true, List.of()));
            Refusals.assertRefused(FailureCode.NO_SUITABLE_HOST, "host kvm-ams lacks network prod-ams",
                    () -> other.people().protect(ProtectRequest.of("web01")));
        }
    }

    @Test
    void keepsWhatIsInUse() {
        Refusals.assertRefused(FailureCode.IN_USE, "host kvm-sto", () -> story.people().deleteSite("stockholm"));
        Refusals.assertRefused(FailureCode.IN_USE, "cloud pair gold-to-gold-ams",
                () -> story.people().deleteCloud("gold"));
        Refusals.assertRefused(FailureCode.IN_USE, "cloud pair gold-to-gold-ams",
                () -> story.people().deletePolicy("fast"));
        Refusals.assertRefused(FailureCode.IN_USE, "cloud gold", () -> story.people().deleteHost("kvm-sto"));
    }

    @Test
    void aCloudIsInOnePairAtMost() {
        story.people().createCloud(new CloudRequest("silver", "amsterdam", List.of()));
        Refusals.assertRefused(FailureCode.IN_USE, "cloud gold is in cloud pair gold-to-gold-ams",
                () -> story.people().createCloudPair(
                        new CloudPairRequest(Optional.of("second"), "silver", "gold", "fast")));
    }

    @Test
    void namesAreGivenOnceAndChecked() {
        Refusals.assertRefused(FailureCode.ALREADY_EXISTS, "\"stockholm\"",
                () -> story.people().createSite("stockholm"));
        Refusals.assertRefused(FailureCode.REQUEST_INVALID, () -> story.people().createSite("a/b"));
        Refusals.assertRefused(FailureCode.REQUEST_INVALID, () -> story.people().createSite(""));
        Refusals.assertRefused(FailureCode.NOT_FOUND, "site \"paris\"", () -> story.people().deleteSite("paris"));
    }

    @Test
    void sendsNoNameThatWouldLeadToAnotherObject() {
        story.people().createCloud(new CloudRequest("iron", "amsterdam", List.of()));
        for (String elsewhere : List.of("", " ", ".", "..", "a/b", "../iron", "\n", "x".repeat(5000))) {
            Refusals.assertRefused(FailureCode.REQUEST_INVALID,
                    () -> story.people().removeHostFromCloud("iron", elsewhere));
            Refusals.assertRefused(FailureCode.REQUEST_INVALID, () -> story.people().deleteSite(elsewhere));
            Refusals.assertRefused(FailureCode.REQUEST_INVALID, () -> story.people().recoveryPoints(elsewhere));
        }
        assertThat(story.people().cloud("iron").name()).isEqualTo("iron");
    }

    @Test
    void aHostIsInOneCloudOfItsOwnSite() {
        story.people().createCloud(new CloudRequest("bronze", "amsterdam", List.of()));
        Refusals.assertRefused(FailureCode.REQUEST_INVALID, "not of the site of cloud bronze",
                () -> story.people().addHostToCloud("bronze", "kvm-sto"));
        Refusals.assertRefused(FailureCode.IN_USE, "cloud gold-ams",
                () -> story.people().addHostToCloud("bronze", "kvm-ams"));
    }

    @Test
    void policiesKeepTheirRanges() {
        for (Duration wrong : List.of(Duration.ZERO, Duration.ofSeconds(901), Duration.ofMillis(1500))) {
            Refusals.assertRefused(FailureCode.REQUEST_INVALID, "1 to 900 whole seconds",
                    () -> story.people().createPolicy(PolicyRequest.named("wrong", wrong)));
        }
        Refusals.assertRefused(FailureCode.REQUEST_INVALID, "not offered by this version",
                () -> story.people().createPolicy(new PolicyRequest("wrong", Optional.empty(), Optional.of(24),
                        Optional.empty(), Optional.of(4), Optional.empty(), Optional.empty())));
        assertThat(story.people().createPolicy(new PolicyRequest("usual", Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty())).settings().copyFrequency())
                .isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void mapsNetworksThatExistAndReplacesAnOlderMapping() {
        assertThat(story.people().networks(Optional.of("amsterdam"))).extracting(NetworkView::name)
                .containsExactly("lab", "prod-ams");
        Refusals.assertRefused(FailureCode.NOT_FOUND, "network of site amsterdam \"nowhere\"",
                () -> story.people().mapNetwork(
                        new NetworkMappingRequest("stockholm", "prod", "amsterdam", "nowhere")));
        story.people().mapNetwork(new NetworkMappingRequest("stockholm", "prod", "amsterdam", "lab"));
        story.people().mapNetwork(new NetworkMappingRequest("stockholm", "prod", "amsterdam", "prod-ams"));
        assertThat(story.people().networkMappings()).extracting(NetworkMappingView::targetNetwork)
                .containsExactly("prod-ams");
    }
}
