package org.understudy.hypervisor.libvirt;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.hypervisor.CarriedMachine;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.hypervisor.FirmwareReading;
import org.understudy.hypervisor.FirmwareState;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.MachinePlan;
import org.understudy.hypervisor.MachineRequest;
import org.understudy.hypervisor.MachineRequest.Connections;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/** What a real libvirtd makes of UEFI variables and a TPM that are laid down for it; skipped where none is named. */
@Tag("slow")
@EnabledIf(LibvirtHost.IS_NAMED)
class FirmwareOnLibvirtTest {
    private static final byte[] MARK = "understudy".getBytes(US_ASCII);
    /** Near the end of the variables is room that firmware uses while it makes room elsewhere. */
    private static final int FROM_END = 64;

    @TempDir
    private Path folder;

    private final VmId vm = VmId.random();
    private final String name = "vm-" + vm.toString().substring(0, 8);
    private LibvirtHost host;
    private LibvirtHypervisor hypervisor;

    @BeforeEach
    void connect() throws IOException {
        host = LibvirtHost.named();
        hypervisor = new LibvirtHypervisor(host.uri(), new ExportFolder(folder.resolve("none"),
                folder.resolve("sockets")), new LibvirtFolders(rootOfHost()), Clock.systemUTC());
    }

    /** The lab's hosts have a {@code /var} of their own, seen where their socket is. */
    private Path rootOfHost() {
        String socket = host.uri().replaceFirst(".*socket=", "").replaceFirst("&.*", "");
        return Path.of(socket.substring(0, socket.indexOf("/run/")) + "/");
    }

    @AfterEach
    void removeMachine() throws IOException {
        if (hypervisor.machine(vm).isPresent()) {
            hypervisor.destroy(vm);
            hypervisor.undefine(vm, FirmwareState.GOES);
        }
        hypervisor.firmware().remove(vm);
        hypervisor.close();
    }

    @Test
    void aMachineFindsWhatWasReadOfItsEarlierLife() throws Exception {
        FirmwareBundle bundle = ofAnEarlierLife();
        MachinePlan plan = plan(bundle, VmId.random());
        assertThat(plan.placement().bundle()).as("variables of this host's own firmware fit").isEqualTo(bundle);

        assertThat(hypervisor.firmware().place(plan.placement(), Optional.empty())).isEmpty();
        assertThat(hypervisor.refusals(plan.machine())).isEmpty();
        hypervisor.define(plan.machine());
        host.virsh("start", "--paused", vm.toString());
        assertThat(read().bundle()).as("neither a template nor a fresh TPM took its place").isEqualTo(bundle);

        host.virsh("resume", vm.toString());
        hypervisor.destroy(vm);
        byte[] variables = read().bundle().part(Kind.UEFI_VARIABLES).orElseThrow();
        assertThat(variables).endsWith(marked(variables));
        hypervisor.undefine(vm, FirmwareState.STAYS);
        assertThat(hypervisor.firmware().place(plan.placement(), Optional.of(read(plan))))
                .as("what stayed is known, and replaced").isEmpty();
        hypervisor.define(plan.machine());
        hypervisor.undefine(vm, FirmwareState.GOES);
        assertThat(hypervisor.firmware().place(plan.placement(), Optional.empty())).as("all went").isEmpty();
    }

    /** A VM that ran here for a moment, with a mark in its variables that no fresh ones have. */
    private FirmwareBundle ofAnEarlierLife() throws IOException {
        host.virsh("define", Files.writeString(folder.resolve("vm.xml"), definition()).toString());
        host.virsh("start", "--paused", name);
        FirmwareBundle fresh = read().bundle();
        assertThat(fresh.kinds()).containsExactly(Kind.UEFI_VARIABLES, Kind.TPM_2);
        hypervisor.destroy(vm);
        host.virsh("undefine", name, "--nvram");
        byte[] variables = fresh.part(Kind.UEFI_VARIABLES).orElseThrow();
        System.arraycopy(MARK, 0, variables, variables.length - FROM_END, MARK.length);
        return FirmwareBundle.of(Map.of(Kind.UEFI_VARIABLES, variables, Kind.TPM_2,
                fresh.part(Kind.TPM_2).orElseThrow()));
    }

    private static byte[] marked(byte[] variables) {
        byte[] end = new byte[FROM_END];
        System.arraycopy(variables, variables.length - FROM_END, end, 0, FROM_END);
        System.arraycopy(MARK, 0, end, 0, MARK.length);
        return end;
    }

    /** Told by another VM, so that this one is planned with files of its own. */
    private MachinePlan plan(FirmwareBundle bundle, VmId told) throws IOException {
        MachineDefinition definition = new MachineDefinition(definition()).withId(told);
        return MachinePlan.of(new CarriedMachine(definition, Optional.of(bundle)), new MachineRequest(ItemId.random(),
                vm, name, UUID.randomUUID(), Map.of(), Connections.all(Optional.empty())),
                hypervisor.capabilities(definition));
    }

    private FirmwareReading.Held read() throws IOException {
        return (FirmwareReading.Held) hypervisor.firmware().read(vm, Optional.empty());
    }

    /** Of a VM that is not defined just now. */
    private FirmwareBundle read(MachinePlan plan) throws IOException {
        hypervisor.define(plan.machine());
        FirmwareBundle bundle = read().bundle();
        hypervisor.undefine(vm, FirmwareState.STAYS);
        return bundle;
    }

    private String definition() {
        return "<domain type='qemu'><name>" + name + "</name><uuid>" + vm + "</uuid><memory unit='MiB'>64</memory>"
                + "<os firmware='efi'><type arch='x86_64' machine='q35'>hvm</type><firmware>"
                + "<feature enabled='yes' name='enrolled-keys'/><feature enabled='yes' name='secure-boot'/></firmware>"
                + "<loader secure='yes'/></os><features><acpi/><smm state='on'/></features><devices>"
                + "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm></devices></domain>";
    }
}
