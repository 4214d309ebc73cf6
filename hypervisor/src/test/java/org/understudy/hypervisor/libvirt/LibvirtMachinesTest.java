package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.hypervisor.FirmwareState;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.ZooOnLibvirt;
import org.understudy.model.DiskName;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/** What VMs of a real libvirtd are, when they are not as they were defined; skipped where none is named. */
@Tag("slow")
@EnabledIf(LibvirtHost.IS_NAMED)
class LibvirtMachinesTest {
    @TempDir
    private Path folder;

    private final VmId vm = VmId.random();
    private final String name = "vm-" + vm.toString().substring(0, 8);
    private LibvirtHost host;
    private LibvirtHypervisor hypervisor;

    @BeforeEach
    void connect() throws IOException {
        host = LibvirtHost.named();
        hypervisor = host.hypervisor(folder);
    }

    @AfterEach
    void removeMachine() throws IOException {
        if (hypervisor.machine(vm).isPresent()) {
            hypervisor.destroy(vm);
            host.virsh("undefine", vm.toString());
        }
        hypervisor.close();
    }

    @Test
    void carriesDisksAndAdaptersThatWerePluggedIntoTheRunningMachineAlone() throws Exception {
        define(definition("<graphics type='vnc' passwd='sekret'/>").replace("machine='q35'", "machine='pc'")
                .replace("<devices>", "<features><acpi/></features><devices>"));
        hypervisor.start(vm);
        Path vdc = folder.resolve("vdc.qcow2");
        LibvirtHost.run("qemu-img", "create", "-q", "-f", "qcow2", vdc.toString(), "16M");
        host.virsh("attach-disk", name, vdc.toString(), "vdc", "--subdriver", "qcow2", "--live");
        host.virsh("attach-interface", name, "network", "production", "--mac", "52:54:00:aa:bb:cc", "--live");

        VirtualMachine machine = hypervisor.machine(vm).orElseThrow();
        MachineDefinition carried = hypervisor.definition(vm);

        assertThat(machine.disks()).extracting(disk -> disk.name().value()).containsExactly("vda", "vdc");
        assertThat(carried.disks()).containsOnlyKeys(new DiskName("vda"), new DiskName("vdc"));
        assertThat(machine.adapters()).extracting(adapter -> adapter.macAddress()).contains("52:54:00:aa:bb:cc");
        assertThat(carried.xml()).contains("52:54:00:aa:bb:cc").doesNotContain("sekret");
    }

    @Test
    void saysOfAMachineWhoseGuestPanickedThatItCrashedAndEndsItsProcess() throws Exception {
        define(definition("<panic model='isa'/>").replace("<devices>",
                "<on_crash>preserve</on_crash><devices>"));
        hypervisor.start(vm);
        // What a guest's kernel writes to the port of the panic device, written by its debugger.
        host.virsh("qemu-monitor-command", name, "--hmp", "o /b 0x505 1");
        untilIs(PowerState.CRASHED);

        hypervisor.start(vm);
        assertThat(hypervisor.machine(vm).orElseThrow().power()).isEqualTo(PowerState.RUNNING);
        host.virsh("qemu-monitor-command", name, "--hmp", "o /b 0x505 1");
        untilIs(PowerState.CRASHED);
        hypervisor.requestShutdown(vm);
        assertThat(hypervisor.machine(vm).orElseThrow().power()).isEqualTo(PowerState.SHUT_OFF);
    }

    /** They may be of an earlier life of the VM at this host, with keys that nothing else has. */
    @Test
    void leavesFirmwareVariablesWhereTheyLieUnlessTheyAreATests() throws Exception {
        Path variables = Files.writeString(folder.resolve("vm_VARS.fd"), "keys of an earlier life");
        MachineDefinition uefi = new MachineDefinition(LibvirtHost.definition(vm, name, List.of()).xml()
                .replace("</os>", "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram>"
                        + variables + "</nvram></os><features><acpi/></features>"));
        hypervisor.define(uefi);
        hypervisor.undefine(vm, FirmwareState.STAYS);
        assertThat(hypervisor.machine(vm)).isEmpty();
        assertThat(variables).content().isEqualTo("keys of an earlier life");

        hypervisor.define(uefi);
        hypervisor.undefine(vm, FirmwareState.GOES);
        assertThat(variables).doesNotExist();
    }

    @Test
    void refusesNoMachineOfTheZooForWhatItsPlanDidNotSee() throws Exception {
        List<String> surprises = new ArrayList<>();
        List<String> lighter = new ArrayList<>();
        for (ZooOnLibvirt.Planned planned : ZooOnLibvirt.plans(hypervisor)) {
            List<String> obstacles = planned.plan().portability().obstacles();
            if (!obstacles.isEmpty() && obstacles.stream().allMatch(why -> why.contains("libvirt refuses"))) {
                surprises.add(planned.kind() + ": " + planned.plan().portability());
            }
            planned.plan().portability().warnings().stream().filter(why -> why.contains("is not offered by the host:"))
                    .forEach(why -> lighter.add(planned.kind()));
        }
        assertThat(surprises).isEmpty();
        assertThat(lighter).as("libvirt 9.0 knows no watchdog of the chipset; 9.1 and newer do").hasSizeLessThan(2);
        assertThat(hypervisor.machines()).noneMatch(
                machine -> machine.name().startsWith(LibvirtCapabilities.TRIAL_PREFIX));
    }

    private void untilIs(PowerState power) throws Exception {
        for (int i = 0; i < 100 && hypervisor.machine(vm).orElseThrow().power() != power; i++) {
            host.virsh("domstate", name);
        }
        assertThat(hypervisor.machine(vm).orElseThrow().power()).isEqualTo(power);
    }

    private void define(String definition) throws IOException {
        host.virsh("define", Files.writeString(folder.resolve("vm.xml"), definition).toString());
    }

    private String definition(String devices) throws IOException {
        Path vda = folder.resolve("vda.qcow2");
        LibvirtHost.run("qemu-img", "create", "-q", "-f", "qcow2", vda.toString(), "16M");
        return LibvirtHost.definition(vm, name, List.of(vda)).xml().replace("</devices>", devices + "</devices>");
    }
}
