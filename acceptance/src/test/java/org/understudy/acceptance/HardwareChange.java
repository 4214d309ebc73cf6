package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.lab.Lab;
import org.understudy.lab.LabHost;

/**
 * What an administrator does to a running VM a moment before its site is lost: a network card and a disk are plugged
 * in, and it is to have more memory.
 */
record HardwareChange(String vm, long memoryBefore) {
    private static final String MAC = "52:54:00:7a:11:01";
    private static final String DISK = "/var/lib/libvirt/images/plugged.qcow2";
    private static final long MORE_KIB = 16 << 10;
    private static final Pattern MEMORY = Pattern.compile("<memory unit='KiB'>(\\d+)</memory>");

    static HardwareChange of(AcceptanceLab lab) throws IOException {
        LabHost host = lab.lab().host(Lab.STOCKHOLM);
        long memory = memory(HostTraces.virsh(host, "dumpxml", "--inactive", lab.vm()));
        String more = memory + MORE_KIB + "KiB";
        HostTraces.virsh(host, "setmaxmem", lab.vm(), more, "--config");
        HostTraces.virsh(host, "setmem", lab.vm(), more, "--config");
        HostTraces.virsh(host, "attach-interface", lab.vm(), "network", "production", "--model", "virtio",
                "--mac", MAC, "--live", "--config");
        Program.output(lab.lab().exec(Lab.STOCKHOLM, "qemu-img", "create", "-q", "-f", "qcow2", DISK, "16M"));
        HostTraces.virsh(host, "attach-disk", lab.vm(), DISK, "vdz", "--subdriver", "qcow2", "--live", "--config");
        return new HardwareChange(lab.vm(), memory);
    }

    /** The VM there is as it was after the change; the new disk, of which no byte was sent, is not there. */
    void isThere(LabHost host) throws IOException {
        Hardware found = Hardware.of(host, vm);
        assertThat(found.memory()).isEqualTo(memoryBefore + MORE_KIB);
        assertThat(found.adapters()).contains(MAC);
        assertThat(found.disks()).containsExactly("vda", "vdb");
        System.out.printf("after the change: %s%n", found);
    }

    /** It is as it was before. */
    void isNotThere(LabHost host) throws IOException {
        Hardware found = Hardware.of(host, vm);
        assertThat(found.memory()).isEqualTo(memoryBefore);
        assertThat(found.adapters()).hasSize(1).doesNotContain(MAC);
        assertThat(found.disks()).containsExactly("vda", "vdb");
        System.out.printf("before the change: %s%n", found);
    }

    private record Hardware(long memory, List<String> adapters, List<String> disks) {
        static Hardware of(LabHost host, String vm) throws IOException {
            String xml = HostTraces.virsh(host, "dumpxml", vm);
            MachineDefinition definition = new MachineDefinition(xml);
            return new Hardware(HardwareChange.memory(xml), definition.adapterAddresses(),
                    definition.hardDisks().stream().map(disk -> disk.name().value()).toList());
        }
    }

    private static long memory(String xml) {
        Matcher memory = MEMORY.matcher(xml);
        assertThat(memory.find()).as("memory in %s", xml).isTrue();
        return Long.parseLong(memory.group(1));
    }
}
