package org.understudy.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.hypervisor.MachineRequest.Connections;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/** What a plan makes of UEFI variables and TPM state, and what it says of those that stay behind. */
class FirmwarePlanTest {
    private static final VmId ITSELF = VmId.parse("11111111-2222-3333-4444-555555555501");
    private static final VmId TEST = VmId.parse("22222222-2222-3333-4444-555555555501");
    private static final String EFI = "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>%s</os>";
    private static final String MODULE =
            "<tpm model='tpm-crb'><backend type='emulator' version='2.0' persistent_state='yes'/></tpm>";
    private static final FirmwareBundle BOTH =
            FirmwareBundle.of(Map.of(Kind.UEFI_VARIABLES, new byte[540_672], Kind.TPM_2, new byte[] {1}));

    @Test
    void namesTheFileThatIsLaidDownForTheMachineItself() {
        MachinePlan plan = plan("", MODULE, Optional.of(BOTH), ITSELF, Set.of(540_672L));

        assertThat(plan.placement()).isEqualTo(new FirmwarePlacement(
                ITSELF, Optional.of(Path.of("/var/lib/libvirt/qemu/nvram/vm_VARS.fd")), BOTH));
        assertThat(plan.machine().xml()).contains(
                "<nvram format=\"raw\">/var/lib/libvirt/qemu/nvram/vm_VARS.fd</nvram>", "persistent_state=\"yes\"");
        assertThat(plan.portability().warnings()).isEmpty();
    }

    @Test
    void givesATestFilesOfItsOwnThatGoWithIt() {
        MachinePlan plan = plan("", MODULE, Optional.of(BOTH), TEST, Set.of(540_672L));

        assertThat(plan.placement()).isEqualTo(new FirmwarePlacement(
                TEST, Optional.of(FirmwarePlacement.variablesOfCopy(TEST)), BOTH));
        assertThat(plan.machine().xml()).contains(TEST + "_VARS.fd").doesNotContain("persistent_state");
    }

    @Test
    void saysThatAPointHasNoneAndLaysNothingDown() {
        MachinePlan plan = plan("", MODULE, Optional.of(FirmwareBundle.NONE), ITSELF, Set.of(540_672L));

        assertThat(plan.placement()).isEqualTo(FirmwarePlacement.none(ITSELF));
        assertThat(plan.machine().xml()).doesNotContain("nvram");
        assertThat(plan.portability().warnings()).satisfiesExactly(
                said -> assertThat(said).contains("told no UEFI variables of this point"),
                said -> assertThat(said).contains("told no TPM state of this point"));
    }

    @Test
    void saysBeforehandThatVariablesAreOfAnotherFirmware() {
        for (Set<Long> others : List.of(Set.of(131_072L), Set.of(131_072L, 540_672L), Set.<Long>of())) {
            MachinePlan plan = plan("", "", Optional.of(BOTH), ITSELF, others);

            assertThat(plan.placement()).as(others.toString()).isEqualTo(FirmwarePlacement.none(ITSELF));
            assertThat(plan.machine().xml()).doesNotContain("nvram");
            assertThat(plan.portability().warnings()).singleElement().asString()
                    .contains("528.0 KiB", "another firmware", "Install the same");
        }
    }

    @Test
    void saysAtTheSourceAloneWhatCanNeverBeCarried() {
        assertThat(plan("", MODULE, Optional.empty(), ITSELF, Set.of()).portability().warnings()).isEmpty();
        Map.of("<nvram format='qcow2'>/x</nvram>", "format qcow2", "<nvram type='network'/>", "no file of its host",
                "<varstore path='/x'/>", "varstore").forEach((os, why) ->
                assertThat(plan(os, "", Optional.of(BOTH), ITSELF, Set.of(540_672L)).portability().warnings()).as(os)
                        .singleElement().asString().contains("not carried", why));
        Map.of("<encryption secret='" + TEST + "'/>", "encrypted", "<source type='file' path='/x'/>", "no folder")
                .forEach((backend, why) -> assertThat(plan("", "<tpm><backend type='emulator'>" + backend
                        + "</backend></tpm>", Optional.of(BOTH), ITSELF, Set.of(540_672L))).as(backend).satisfies(
                                plan -> assertThat(plan.portability().warnings()).singleElement().asString()
                                        .contains("not carried", why),
                                plan -> assertThat(plan.placement().bundle().kinds())
                                        .containsExactly(Kind.UEFI_VARIABLES)));
    }

    @Test
    void laysNothingDownForWhatTheMachineDoesNotHaveAtThisPoint() {
        assertThat(plan("<loader stateless='yes'/>", "", Optional.of(BOTH), ITSELF, Set.of(540_672L)))
                .satisfies(plan -> assertThat(plan.placement()).isEqualTo(FirmwarePlacement.none(ITSELF)),
                        plan -> assertThat(plan.portability().warnings()).isEmpty());
        FirmwareBundle older = FirmwareBundle.of(Map.of(Kind.TPM_1_2, new byte[] {1}));
        assertThat(plan("", MODULE, Optional.of(older), ITSELF, Set.of()).placement())
                .isEqualTo(FirmwarePlacement.none(ITSELF));
        MachinePlan bios = MachinePlan.of(new CarriedMachine(new MachineDefinition(Zoo.domain("kvm",
                Zoo.os("pc-q35-7.2", "<nvram>/x</nvram>"), "", "")), Optional.of(BOTH)), request("vm", ITSELF),
                host(Set.of()));
        assertThat(bios.placement()).isEqualTo(FirmwarePlacement.none(ITSELF));
    }

    /** The name comes from another host. */
    @Test
    void neverMakesAPathOfAName() {
        for (String name : new String[] {"../../../etc/passwd", "a/b", ".x", "Büro-".repeat(40)}) {
            MachinePlan plan = MachinePlan.of(new CarriedMachine(definition("", ""), Optional.of(BOTH)),
                    request(name, ITSELF), host(Set.of(540_672L)));
            assertThat(plan.placement().variables()).as(name)
                    .contains(FirmwarePlacement.VARIABLES_FOLDER.resolve(ITSELF + "_VARS.fd"));
        }
    }

    private static MachinePlan plan(
            String os, String devices, Optional<FirmwareBundle> told, VmId as, Set<Long> variableBytes) {
        return MachinePlan.of(new CarriedMachine(definition(os, devices), told), request("vm", as),
                host(variableBytes));
    }

    private static MachineDefinition definition(String os, String devices) {
        return new MachineDefinition(Zoo.domain("kvm", EFI.formatted(os), "", devices));
    }

    private static MachineRequest request(String name, VmId as) {
        return new MachineRequest(ItemId.random(), as, name, new UUID(1, 2), Map.of(),
                Connections.all(Optional.empty()));
    }

    private static TargetCapabilities host(Set<Long> variableBytes) {
        TargetCapabilities.Emulation emulation = new TargetCapabilities.Emulation(
                Optional.empty(), Map.of(), Set.of(), 0, Optional.of(variableBytes));
        return new TargetCapabilities(MachineDefinition.Type.KVM, Optional.of(emulation), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty());
    }
}
