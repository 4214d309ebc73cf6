package org.understudy.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.understudy.hypervisor.MachineRequest.Connection;
import org.understudy.hypervisor.MachineRequest.Connections;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;
import org.w3c.dom.Element;

/** How a VM is planned for a host that is not its own. */
class MachinePlanTest {
    private static final DiskName VDA = new DiskName("vda");
    private static final DiskName VDB = new DiskName("vdb");
    private static final String TWO_ADAPTERS = "<interface type='network'><mac address='52:54:00:00:00:01'/>"
            + "<source network='default' portgroup='gold'/><model type='virtio'/>"
            + "<address type='pci' bus='0x01' slot='0x00'/></interface>"
            + "<interface type='bridge'><mac address='52:54:00:00:00:0A'/><source bridge='br7'/>"
            + "<vlan><tag id='7'/></vlan><target dev='vnet3'/><filterref filter='f'/></interface>";

    @Test
    void aDefinitionThatIsTooLongToTravelCannotBeProtected() {
        String notes = "<metadata><n:x xmlns:n='urn:n'>" + "x".repeat(300_000) + "</n:x></metadata>";
        MachineDefinition machine = new MachineDefinition(
                Zoo.domain("kvm", Zoo.os("pc-q35-7.2", ""), notes, Zoo.disk("vda", "virtio", "")));

        assertThat(MachinePlan.anywhere(machine).obstacles()).singleElement().asString()
                .contains("bytes long", "262144", "virsh edit");
    }

    @Test
    void matchesAdaptersByTheirAddressesAndConnectsAStrangerToNothing() {
        MachinePlan plan = plan(TWO_ADAPTERS, Connections.mapped(Map.of(
                "52:54:00:00:00:0a", Optional.of(new Connection("prod", Optional.of("silver"))),
                "52:54:00:00:00:77", Optional.of(new Connection("prod", Optional.empty())))));

        Element unmapped = adapter(plan, 0);
        assertThat(unmapped.getAttribute("type")).isEqualTo("ethernet");
        assertThat(XmlDocument.attribute(unmapped, "link", "state")).contains("down");
        assertThat(XmlDocument.first(unmapped, "source")).isEmpty();
        assertThat(XmlDocument.first(unmapped, "address")).isPresent();
        Element mapped = adapter(plan, 1);
        assertThat(XmlDocument.attribute(mapped, "source", "network")).contains("prod");
        assertThat(XmlDocument.attribute(mapped, "source", "portgroup")).contains("silver");
        assertThat(XmlDocument.first(mapped, "target")).isEmpty();
        assertThat(plan.portability().obstacles()).isEmpty();
        assertThat(plan.portability().warnings()).anyMatch(warning -> warning.contains("52:54:00:00:00:01")
                && warning.contains("connected to nothing"));
    }

    @Test
    void connectsAdaptersToBridgesOfTheHostAndOfOpenVSwitch() {
        MachinePlan plan = plan(TWO_ADAPTERS, Connections.mapped(Map.of(
                "52:54:00:00:00:01", Optional.of(new Connection("bridge:br0", Optional.empty())),
                "52:54:00:00:00:0a", Optional.of(new Connection("ovs:br-int", Optional.empty())))));

        assertThat(adapter(plan, 0).getAttribute("type")).isEqualTo("bridge");
        assertThat(XmlDocument.attribute(adapter(plan, 0), "source", "bridge")).contains("br0");
        assertThat(XmlDocument.first(adapter(plan, 0), "virtualport")).isEmpty();
        assertThat(XmlDocument.attribute(adapter(plan, 1), "virtualport", "type")).contains("openvswitch");
        assertThat(XmlDocument.attribute(adapter(plan, 1), "vlan/tag", "id")).contains("7");
    }

    @Test
    void putsEveryAdapterOfATestWhereTheTestIs() {
        MachinePlan plan = plan(TWO_ADAPTERS, Connections.all(Optional.of(new Connection("t", Optional.empty()))));

        assertThat(List.of(adapter(plan, 0), adapter(plan, 1)))
                .allMatch(adapter -> XmlDocument.attribute(adapter, "source", "network").equals(Optional.of("t")));
        assertThat(plan.portability().warnings()).noneMatch(warning -> warning.contains("connected to nothing"));
    }

    @Test
    void keepsTheSectorsAndTheGeometryOfADiskAndNothingOfItsPlace() {
        MachinePlan plan = plan("<disk type='block' device='disk' sgio='filtered'><driver name='qemu' type='raw' "
                + "cache='none' io='native'/><source dev='/dev/sdb'/><backingStore/><target dev='vdb' bus='virtio'/>"
                + "<blockio logical_block_size='4096' physical_block_size='4096'/><geometry cyls='9' heads='2' secs='3'"
                + "/><boot order='1'/></disk>", Connections.all(Optional.empty()));

        Element disk = XmlDocument.parse(plan.machine().xml()).all("devices/disk").getLast();
        assertThat(XmlDocument.attribute(disk, "blockio", "logical_block_size")).contains("4096");
        assertThat(XmlDocument.attribute(disk, "geometry", "cyls")).contains("9");
        assertThat(XmlDocument.attribute(disk, "driver", "type")).contains("qcow2");
        assertThat(XmlDocument.attribute(disk, "driver", "cache")).contains("none");
        assertThat(XmlDocument.attribute(disk, "source", "file")).contains("/r/vdb");
        assertThat(XmlDocument.first(disk, "boot")).isPresent();
        assertThat(plan.machine().xml()).doesNotContain("/dev/sdb", "sgio", "type=\"block\"");
    }

    @Test
    void attachesADiskThatTheDefinitionLacksRatherThanFail() {
        MachinePlan plan = plan("", Connections.all(Optional.empty()));

        assertThat(plan.machine().disks()).isEqualTo(Map.of(VDA, Path.of("/r/vda"), VDB, Path.of("/r/vdb")));
        assertThat(plan.portability().warnings()).anyMatch(warning -> warning.contains("vdb"));
        assertThat(plan.portability().obstacles()).isEmpty();
    }

    @Test
    void tellsAGuestThatLooksAtItsGenerationThatItIsAnotherOne() {
        MachinePlan plan = MachinePlan.of(new MachineDefinition(Zoo.domain("qemu", Zoo.os("pc-q35-7.2", ""),
                "<genid>43dc0cf8-809b-4adb-9bea-a9abb5f3d90e</genid>", Zoo.disk("vda", "virtio", ""))),
                request(Connections.all(Optional.empty())), TargetCapabilities.unknown(MachineDefinition.Type.QEMU));

        assertThat(XmlDocument.parse(plan.machine().xml()).first("genid").orElseThrow().getTextContent())
                .isEqualTo(new UUID(3, 4).toString());
    }

    @Test
    void runsWithoutKvmOnWhatQemuCanImitate() {
        MachinePlan plan = MachinePlan.of(new MachineDefinition(Zoo.domain("kvm", Zoo.os("pc-q35-7.2", ""),
                "<features><acpi/><hyperv><relaxed state='on'/></hyperv></features>"
                        + "<cpu mode='host-passthrough' check='none' migratable='on'>"
                        + "<topology sockets='1' cores='2' threads='1'/></cpu>"
                        + "<clock offset='utc'><timer name='kvmclock' present='yes'/><timer name='rtc'/></clock>",
                Zoo.disk("vda", "virtio", ""))),
                request(Connections.all(Optional.empty())), TargetCapabilities.unknown(MachineDefinition.Type.QEMU));

        XmlDocument xml = XmlDocument.parse(plan.machine().xml());
        assertThat(plan.machine().type()).isEqualTo(MachineDefinition.Type.QEMU);
        assertThat(XmlDocument.attribute(xml.root(), "cpu", "mode")).contains("maximum");
        assertThat(xml.first("cpu/topology")).isPresent();
        assertThat(xml.first("features/hyperv")).isEmpty();
        assertThat(xml.all("clock/timer").stream().map(timer -> timer.getAttribute("name")).toList())
                .isEqualTo(List.of("rtc"));
        assertThat(plan.portability().warnings()).anyMatch(warning -> warning.contains("no KVM"));
    }

    @Test
    void isMarkedForItsItemUnderTheNameAndIdentityAskedFor() {
        MachinePlan plan = plan("", Connections.all(Optional.empty()));

        assertThat(plan.machine().item()).contains(ItemId.parse("11111111-0000-0000-0000-000000000001"));
        assertThat(plan.machine().name()).isEqualTo("vm - Test");
        assertThat(plan.machine().id()).isEqualTo(VmId.parse("22222222-2222-3333-4444-555555555501"));
    }

    private static MachinePlan plan(String devices, Connections connections) {
        return MachinePlan.of(new MachineDefinition(Zoo.domain("qemu", Zoo.os("pc-q35-7.2", ""), "",
                Zoo.disk("vda", "virtio", "") + devices)), request(connections),
                TargetCapabilities.unknown(MachineDefinition.Type.QEMU));
    }

    private static MachineRequest request(Connections connections) {
        return new MachineRequest(ItemId.parse("11111111-0000-0000-0000-000000000001"),
                VmId.parse("22222222-2222-3333-4444-555555555501"), "vm - Test", new UUID(3, 4),
                Map.of(VDA, Path.of("/r/vda"), VDB, Path.of("/r/vdb")), connections);
    }

    private static Element adapter(MachinePlan plan, int index) {
        return XmlDocument.parse(plan.machine().xml()).all("devices/interface").get(index);
    }
}
