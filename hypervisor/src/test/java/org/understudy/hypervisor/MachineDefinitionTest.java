package org.understudy.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/** A definition as its text: what is read from it, and what a replica changes in it. */
class MachineDefinitionTest {
    private static final DiskName VDA = new DiskName("vda");
    private static final DiskName VDB = new DiskName("vdb");

    private final MachineDefinition web01 = new MachineDefinition("""
            <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
              <name>web01</name>
              <uuid>11111111-2222-3333-4444-555555555501</uuid>
              <metadata><other:thing xmlns:other="https://elsewhere.example/" keep="yes"/></metadata>
              <vcpu placement='static' cpuset='0-3'>2</vcpu>
              <cputune><vcpupin vcpu='0' cpuset='1'/></cputune>
              <resource><partition>/machine/gold</partition></resource>
              <sysinfo type='smbios'><system>
                <entry name='uuid'>11111111-2222-3333-4444-555555555501</entry>
              </system></sysinfo>
              <os>
                <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
                <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
                <nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>/var/lib/libvirt/qemu/nvram/web01_VARS.fd</nvram>
              </os>
              <features><acpi/><hyperv><relaxed state='on'/></hyperv></features>
              <cpu mode='host-passthrough' check='none' migratable='on'>
                <topology sockets='1' cores='2' threads='1'/>
              </cpu>
              <clock offset='utc'><timer name='kvmclock' present='yes'/><timer name='rtc'/></clock>
              <devices>
                <emulator>/usr/libexec/qemu-kvm</emulator>
                <disk type='block' device='lun' sgio='filtered'>
                  <driver name='qemu' type='raw' cache='none' io='native'/>
                  <source dev='/dev/sdb'><seclabel model='dac' relabel='no'/></source>
                  <backingStore/>
                  <target dev='vda' bus='virtio'/>
                  <boot order='1'/>
                </disk>
                <disk type='file' device='disk'>
                  <driver name='qemu' type='qcow2'/>
                  <source file='/images/b.qcow2'/>
                  <target dev='vdb' bus='virtio'/>
                </disk>
                <disk type='file' device='cdrom'>
                  <source file='/isos/debian.iso'/><target dev='sda' bus='sata'/><readonly/>
                </disk>
                <interface type='bridge'>
                  <mac address='52:54:00:00:00:01'/><source bridge='br0'/><target dev='web01-0'/>
                  <vlan><tag id='42'/></vlan><model type='virtio'/>
                  <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
                </interface>
                <interface type='network'>
                  <mac address='52:54:00:00:00:02'/><source network='default' portgroup='gold'/><model type='virtio'/>
                </interface>
                <serial type='file'><source path='/var/log/web01.log'/><target port='0'/></serial>
                <console type='file'><source path='/var/log/web01.log'/><target type='serial' port='0'/></console>
                <channel type='unix'>
                  <source mode='bind' path='/run/agent.sock'/><target type='virtio' name='org.qemu.guest_agent.0'/>
                </channel>
                <graphics type='vnc' port='5901' autoport='no' listen='10.1.2.3'>
                  <listen type='address' address='10.1.2.3'/>
                </graphics>
                <hostdev mode='subsystem' type='pci'>
                  <source><address domain='0' bus='1' slot='0' function='0'/></source>
                </hostdev>
                <tpm model='tpm-crb'><backend type='emulator' version='2.0'>
                  <encryption secret='6dd3e4a5-1d76-44ce-961f-f119f5aad935'/>
                </backend></tpm>
              </devices>
              <seclabel type='static' model='selinux'/>
              <qemu:commandline><qemu:arg value='-snapshot'/></qemu:commandline>
            </domain>
            """);

    @Test
    void saysWhoItIsAndWhereItsDisksAre() {
        assertThat(web01.name()).isEqualTo("web01");
        assertThat(web01.id()).isEqualTo(VmId.parse("11111111-2222-3333-4444-555555555501"));
        assertThat(web01.disks()).isEqualTo(Map.of(VDB, Path.of("/images/b.qcow2")));
        assertThat(web01.hardDisks()).extracting(disk -> disk.name().value()).containsExactly("vda", "vdb");
        assertThat(web01.machine()).contains("pc-q35-7.2");
    }

    @Test
    void keepsWhatItDoesNotKnow() {
        MachineDefinition renamed = web01.withName("web01-test");

        assertThat(renamed.name()).isEqualTo("web01-test");
        assertThat(renamed.xml()).contains("other:thing", "keep=\"yes\"", "value=\"-snapshot\"")
                .contains("xmlns:qemu=\"http://libvirt.org/schemas/domain/qemu/1.0\"");
    }

    @Test
    void changesTheIdentityInTheFirmwareTablesToo() {
        VmId id = VmId.random();

        assertThat(web01.withId(id).id()).isEqualTo(id);
        assertThat(XmlDocument.parse(web01.withId(id).xml()).first("sysinfo/system/entry").orElseThrow()
                .getTextContent()).isEqualTo(id.toString());
    }

    @Test
    void isToldFromOthersByItsMark() {
        ItemId item = ItemId.random();

        assertThat(web01.isOurs()).isFalse();
        assertThat(web01.item()).isEmpty();
        assertThat(web01.ours().isOurs()).isTrue();
        assertThat(web01.forItem(item).item()).contains(item);
        assertThat(web01.ours().forItem(item).item()).contains(item);
        assertThat(web01.forItem(item).withoutMark().isOurs()).isFalse();
    }

    @Test
    void neverReadsAnotherFileForTheSakeOfAnXml() {
        MachineDefinition hostile = new MachineDefinition("""
                <!DOCTYPE domain [<!ENTITY secret SYSTEM "file:///etc/hostname">]>
                <domain><name>&secret;</name></domain>""");

        assertThatThrownBy(hostile::name).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("DOCTYPE");
    }

    @Test
    void holdsWhatWasPluggedIntoTheRunningMachineAlone() {
        MachineDefinition persistent = new MachineDefinition("""
                <domain><name>a</name><devices>
                  <disk type='file' device='disk'><source file='/a'/><target dev='vda'/>
                    <address type='pci' slot='0x07'/></disk>
                  <interface type='network'><mac address='52:54:00:00:00:01'/></interface>
                </devices></domain>""");
        MachineDefinition running = new MachineDefinition("""
                <domain id='3'><name>a</name><devices>
                  <disk type='file' device='disk'><source file='/a-snapshot'/><target dev='vda'/></disk>
                  <disk type='file' device='disk'><source file='/c'/><target dev='vdc'/>
                    <address type='pci' slot='0x07'/></disk>
                  <interface type='network'><mac address='52:54:00:00:00:01'/></interface>
                  <interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='br0'/>
                    <address type='pci' slot='0x09'/></interface>
                </devices></domain>""");

        MachineDefinition whole = persistent.withPluggedIn(running);

        assertThat(whole.disks()).isEqualTo(Map.of(VDA, Path.of("/a"), new DiskName("vdc"), Path.of("/c")));
        XmlDocument xml = XmlDocument.parse(whole.xml());
        assertThat(xml.all("devices/interface/mac").stream().map(mac -> mac.getAttribute("address")).toList())
                .isEqualTo(List.of("52:54:00:00:00:01", "52:54:00:00:00:02"));
        assertThat(xml.all("devices/disk/address")).as("a place on the bus that is taken is not asked for").hasSize(1);
        assertThat(xml.all("devices/interface/address")).hasSize(1);
        assertThat(persistent.withPluggedIn(persistent)).isSameAs(persistent);
    }

    @Test
    void notesWhetherItsHostStartsIt() {
        assertThat(web01.autostart()).isFalse();
        assertThat(web01.withAutostart(true).autostart()).isTrue();
        assertThat(web01.withAutostart(true).isOurs()).isFalse();
        assertThat(web01.withAutostart(true).withAutostart(false).autostart()).isFalse();
    }
}
