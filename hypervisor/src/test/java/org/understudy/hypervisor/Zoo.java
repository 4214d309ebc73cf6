package org.understudy.hypervisor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.understudy.hypervisor.MachineRequest.Connection;
import org.understudy.hypervisor.MachineRequest.Connections;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/** VMs as virt-install, virt-manager and cloud images make them, and odd ones: each a definition of its own. */
final class Zoo {
    static final DiskName VDA = new DiskName("vda");
    static final String MAC = "52:54:00:00:00:01";
    private static final String DISK = "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
            + "<source file='/var/lib/libvirt/images/vm.qcow2'/><target dev='%s' bus='%s'/>%s</disk>";

    private Zoo() {}

    /** One of them. */
    record Animal(String kind, MachineDefinition definition) {}

    private static final class Keeper {
        private final List<Animal> animals = new ArrayList<>();

        void add(String kind, String xml) {
            animals.add(new Animal(kind, new MachineDefinition(xml)));
        }

        void device(String kind, String devices) {
            add(kind, domain("kvm", os("pc-q35-7.2", ""), "", disk("vda", "virtio", "") + devices));
        }

        void part(String kind, String part) {
            add(kind, domain("kvm", os("pc-q35-7.2", ""), part, disk("vda", "virtio", "")));
        }

        void boot(String kind, String osParts) {
            add(kind, domain("kvm", os("pc-q35-7.2", osParts), "", disk("vda", "virtio", "")));
        }
    }

    static List<Animal> animals() {
        Keeper keeper = new Keeper();
        usual(keeper);
        disks(keeper);
        adapters(keeper);
        firmware(keeper);
        devices(keeper);
        odd(keeper);
        return keeper.animals;
    }

    private static void usual(Keeper keeper) {
        keeper.device("Debian 12 by virt-install (q35, virtio)", adapter("network", "<source network='default'/>")
                + "<controller type='pci' index='0' model='pcie-root'/><controller type='usb' model='qemu-xhci'/>"
                + "<serial type='pty'><target type='isa-serial' port='0'/></serial><console type='pty'>"
                + "<target type='serial' port='0'/></console><channel type='unix'>"
                + "<source mode='bind' path='/run/libvirt/qemu/channel/agent.sock'/>"
                + "<target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
                + "<input type='tablet' bus='usb'/><graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'>"
                + "<listen type='address' address='127.0.0.1'/></graphics><video><model type='virtio' heads='1' "
                + "primary='yes'/></video><watchdog model='itco' action='reset'/><memballoon model='virtio'/>"
                + "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>");
        keeper.device("Desktop by virt-manager (SPICE, QXL, USB redirection, sound)",
                "<graphics type='spice' autoport='yes'><listen type='address'/><image compression='off'/></graphics>"
                        + "<video><model type='qxl' ram='65536' vram='65536' vgamem='16384' heads='1'/></video>"
                        + "<channel type='spicevmc'><target type='virtio' name='com.redhat.spice.0'/></channel>"
                        + "<redirdev bus='usb' type='spicevmc'/><sound model='ich9'/><audio id='1' type='spice'/>");
        keeper.add("Legacy PC (i440fx, IDE, e1000, cirrus)", domain("kvm", os("pc-i440fx-7.2", ""), "",
                disk("hda", "ide", "") + adapter("network", "<source network='default'/><model type='e1000'/>")
                        + "<video><model type='cirrus'/></video>"));
        keeper.add("Without KVM (type qemu)", domain("qemu", os("pc-q35-7.2", ""), "", disk("vda", "virtio", "")));
        keeper.part("Windows (Hyper-V features, local clock)", "<features><acpi/><apic/><hyperv mode='custom'>"
                + "<relaxed state='on'/><vapic state='on'/><spinlocks state='on' retries='8191'/></hyperv></features>"
                + "<clock offset='localtime'><timer name='hypervclock' present='yes'/></clock>");
        keeper.part("Processor of the host (host-passthrough)", "<cpu mode='host-passthrough' check='none'/>");
        keeper.part("Processor that the target cannot be (EPYC-Milan)",
                "<cpu mode='custom' match='exact'><model fallback='forbid'>EPYC-Milan</model></cpu>");
        keeper.part("Huge pages, pinned processors, NUMA", "<memoryBacking><hugepages/></memoryBacking>"
                + "<numatune><memory mode='strict' nodeset='0'/></numatune>"
                + "<cputune><vcpupin vcpu='0' cpuset='3'/></cputune>");
        keeper.part("Note of virt-manager (libosinfo)", "<metadata><libosinfo:libosinfo xmlns:libosinfo="
                + "'http://libosinfo.org/xmlns/libvirt/domain/1.0'><libosinfo:os id='http://debian.org/debian/12'/>"
                + "</libosinfo:libosinfo></metadata>");
        keeper.part("Made by OpenStack (notes of nova)", "<metadata><nova:instance xmlns:nova="
                + "'http://openstack.org/xmlns/libvirt/nova/1.1'><nova:name>x</nova:name></nova:instance></metadata>"
                + "<sysinfo type='smbios'><system><entry name='serial'>abc</entry></system></sysinfo>");
    }

    private static void disks(Keeper keeper) {
        keeper.add("Cloud image with a seed ISO (NoCloud)", domain("kvm", os("pc-q35-7.2", ""), "",
                disk("vda", "virtio", "") + "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
                        + "<source file='/var/lib/libvirt/images/seed.iso'/><target dev='sda' bus='sata'/>"
                        + "<readonly/></disk>"));
        keeper.device("Floppy in the drive", "<disk type='file' device='floppy'><source file='/srv/f.img'/>"
                + "<target dev='fda' bus='fdc'/></disk>");
        keeper.device("Read-only data disk", "<disk type='file' device='disk'><source file='/srv/data.qcow2'/>"
                + "<target dev='vdb' bus='virtio'/><readonly/></disk>");
        keeper.add("SCSI disk of 4 KiB sectors", domain("kvm", os("pc-q35-7.2", ""), "",
                "<controller type='scsi' index='0' model='virtio-scsi'/>" + disk("sda", "scsi",
                        "<blockio logical_block_size='4096' physical_block_size='4096'/><serial>S1</serial>")));
        keeper.add("Disk with geometry and limits", domain("kvm", os("pc-i440fx-7.2", ""), "", disk("hda", "ide",
                "<geometry cyls='16383' heads='16' secs='63' trans='lba'/><iotune><total_iops_sec>500"
                        + "</total_iops_sec></iotune>")));
        keeper.add("USB disk", domain("kvm", os("pc-q35-7.2", ""), "", disk("sda", "usb", "")));
        keeper.device("9p share", "<filesystem type='mount' accessmode='mapped'><source dir='/srv/share'/>"
                + "<target dir='share'/></filesystem>");
        keeper.device("virtiofs share", "<filesystem type='mount'><driver type='virtiofs'/>"
                + "<binary path='/usr/libexec/virtiofsd'/><source dir='/srv/share'/><target dir='fs'/></filesystem>");
        keeper.device("Persistent memory (nvdimm)", "<memory model='nvdimm'><source><path>/srv/nvdimm</path></source>"
                + "<target><size unit='MiB'>512</size><node>0</node></target></memory>");
    }

    private static void adapters(Keeper keeper) {
        keeper.device("Bridge of the host (br0)", adapter("bridge", "<source bridge='br0'/>"));
        keeper.device("Open vSwitch with a VLAN", adapter("bridge", "<source bridge='br-int'/>"
                + "<virtualport type='openvswitch'/><vlan><tag id='42'/></vlan>"));
        keeper.device("Direct to a device (macvtap)", adapter("direct", "<source dev='eth0' mode='bridge'/>"));
        keeper.device("Virtual function passed through", "<interface type='hostdev' managed='yes'>"
                + "<mac address='" + MAC + "'/><source><address type='pci' domain='0x0000' bus='0x03' slot='0x10' "
                + "function='0x1'/></source></interface>");
        keeper.device("User network (passt, slirp)", adapter("user", ""));
        keeper.device("Network filter", adapter("network", "<source network='default'/>"
                + "<filterref filter='web-only'/>"));
        keeper.device("ROM file for the adapter", adapter("network", "<source network='default'/>"
                + "<rom file='/var/lib/libvirt/images/x.rom'/>"));
        keeper.device("Adapter in a network that nobody mapped",
                "<interface type='network'><mac address='52:54:00:00:00:99'/><source network='lab'/></interface>");
    }

    private static void firmware(Keeper keeper) {
        keeper.boot("UEFI by path (older virt-install)", "<loader readonly='yes' type='pflash'>"
                + "/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>"
                + "/var/lib/libvirt/qemu/nvram/vm_VARS.fd</nvram>");
        keeper.add("UEFI with Secure Boot and TPM (Windows 11)", domain("kvm",
                "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><firmware>"
                        + "<feature enabled='yes' name='secure-boot'/></firmware><loader readonly='yes' secure='yes' "
                        + "type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader><nvram>/var/v.fd</nvram></os>", "",
                disk("vda", "virtio", "") + "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"));
        keeper.add("UEFI with its variables in a qcow2 image", domain("kvm", "<os firmware='efi'>"
                + "<type arch='x86_64' machine='pc-q35-7.2'>hvm</type><nvram format='qcow2'>/var/v.qcow2</nvram></os>",
                "", disk("vda", "virtio", "")));
        keeper.device("TPM whose state is encrypted by its host", "<tpm model='tpm-crb'><backend type='emulator' "
                + "version='2.0'><encryption secret='43dc0cf8-809b-4adb-9bea-a9abb5f3d90e'/></backend></tpm>");
        keeper.boot("A BIOS file of one's own", "<loader type='rom'>/srv/bios.bin</loader>");
        keeper.boot("Kernel from outside that the target has", "<kernel>/var/lib/libvirt/boot/vmlinuz</kernel>"
                + "<initrd>/var/lib/libvirt/boot/initrd.img</initrd><cmdline>root=/dev/vda console=ttyS0</cmdline>");
        keeper.boot("Kernel from outside that the target lacks", "<kernel>/srv/kernel-6.1</kernel>");
        keeper.part("Fedora CoreOS (Ignition by fw_cfg file)", "<sysinfo type='fwcfg'>"
                + "<entry name='opt/com.coreos/config' file='/var/lib/libvirt/images/web06.ign'/></sysinfo>");
        keeper.part("fw_cfg with the value in the definition",
                "<sysinfo type='fwcfg'><entry name='opt/org.example/key'>value</entry></sysinfo>");
        keeper.part("VM Generation ID", "<genid>43dc0cf8-809b-4adb-9bea-a9abb5f3d90e</genid>");
    }

    private static void devices(Keeper keeper) {
        keeper.device("TPM of the host", "<tpm model='tpm-tis'><backend type='passthrough'>"
                + "<device path='/dev/tpm0'/></backend></tpm>");
        keeper.device("GPU passed through", "<hostdev mode='subsystem' type='pci' managed='yes'><source>"
                + "<address domain='0x0000' bus='0x41' slot='0x00' function='0x0'/></source></hostdev>");
        keeper.device("USB device of the host", "<hostdev mode='subsystem' type='usb'><source>"
                + "<vendor id='0x0951'/><product id='0x1666'/></source></hostdev>");
        keeper.device("Serial port to a file, a log beside it", "<serial type='file'><source path='/var/log/vm.log'/>"
                + "<target port='0'/><log file='/var/log/x.log'/></serial>");
        keeper.device("Serial port by TCP", "<serial type='tcp'><source mode='bind' host='0.0.0.0' service='4555'/>"
                + "<protocol type='telnet'/><target port='0'/></serial>");
        keeper.device("Random numbers from an EGD", "<rng model='virtio'><backend model='egd' type='tcp'>"
                + "<source mode='connect' host='10.0.0.1' service='1234'/></backend></rng>");
        keeper.device("VNC for everybody with a password",
                "<graphics type='vnc' port='5901' autoport='no' listen='0.0.0.0' passwd='sekret'>"
                        + "<listen type='address' address='0.0.0.0'/></graphics>");
        keeper.device("Display with 3D acceleration", "<graphics type='spice'><listen type='none'/>"
                + "<gl enable='yes' rendernode='/dev/dri/renderD128'/></graphics><video><model type='virtio'>"
                + "<acceleration accel3d='yes'/></model></video>");
        keeper.device("Smart card of the host, evdev input, shared memory", "<smartcard mode='host'/>"
                + "<input type='evdev'><source dev='/dev/input/event1'/></input><shmem name='lg'>"
                + "<model type='ivshmem-plain'/><size unit='M'>32</size></shmem>");
        keeper.device("vsock with a fixed address", "<vsock model='virtio'><cid auto='no' address='7'/></vsock>");
        keeper.device("IOMMU and panic device", "<iommu model='intel'/><panic model='isa'/>");
    }

    private static void odd(Keeper keeper) {
        keeper.add("Options for QEMU itself", domain("kvm", os("pc-q35-7.2", ""), "<qemu:commandline "
                + "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-snapshot'/>"
                + "</qemu:commandline>", disk("vda", "virtio", "")));
        keeper.part("Sealed to the processor (SEV)", "<launchSecurity type='sev'><policy>0x0003</policy>"
                + "</launchSecurity>");
        keeper.add("Container (LXC)", domain("lxc", os("", ""), "", disk("vda", "virtio", "")));
        keeper.add("Machine type that the target lacks", domain("kvm", os("pc-q35-99.0", ""), "",
                disk("vda", "virtio", "")));
        keeper.add("More memory than the target has", domain("kvm", os("pc-q35-7.2", ""), "",
                disk("vda", "virtio", "")).replace("<memory unit='MiB'>512<", "<memory unit='GiB'>4096<"));
        keeper.device("Disk added after protection began", disk("vdc", "virtio", ""));
        keeper.device("Crash store in a file of the host (pstore)", "<pstore backend='acpi-erst'>"
                + "<path>/srv/pstore</path><size unit='KiB'>64</size></pstore>");
        keeper.device("Sound into a file of the host", "<sound model='ich9'/><audio id='1' type='file' "
                + "path='/etc/cron.d/x'/>");
        keeper.boot("ACPI table from a file", "<acpi><table type='slic'>/srv/slic.bin</table></acpi>");
        keeper.part("Title and description of people", "<title>Web / shop</title><description>see /wiki</description>");
        keeper.add("Name of 200 letters with umlauts", domain("kvm", os("pc-q35-7.2", ""), "",
                disk("vda", "virtio", "")).replace("<name>vm<", "<name>" + "Büro-".repeat(40) + "<"));
    }

    static String domain(String type, String os, String parts, String devices) {
        return "<domain type='" + type + "'><name>vm</name><uuid>11111111-2222-3333-4444-555555555501</uuid>"
                + "<memory unit='MiB'>512</memory><vcpu placement='static'>1</vcpu>" + os + parts
                + (parts.contains("<features>") ? "" : "<features><acpi/></features>")
                + "<on_crash>destroy</on_crash><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>" + devices
                + "</devices></domain>";
    }

    static String os(String machine, String more) {
        return "<os><type arch='x86_64'" + (machine.isEmpty() ? "" : " machine='" + machine + "'") + ">hvm</type>"
                + more + "<boot dev='hd'/></os>";
    }

    static String disk(String name, String bus, String more) {
        return DISK.formatted(name, bus, more);
    }

    private static String adapter(String type, String more) {
        return "<interface type='" + type + "'><mac address='" + MAC + "'/>" + more + "</interface>";
    }

    /** A host as Debian 12 makes it, without KVM, firmware and swtpm, with SPICE and QXL. */
    static TargetCapabilities debian12(MachineDefinition definition) {
        boolean known = definition.machine().map(Set.of("pc-q35-7.2", "pc-i440fx-7.2")::contains).orElse(true);
        TargetCapabilities.Emulation emulation = known
                ? TargetCapabilities.Emulation.of(resource(definition.machine().filter("pc-i440fx-7.2"::equals)
                        .map(_ -> "capabilities-i440fx.xml").orElse("capabilities-q35.xml")))
                : TargetCapabilities.Emulation.refusing("the machine '" + definition.machine().orElseThrow()
                        + "' is not supported by emulator '/usr/bin/qemu-system-x86_64'");
        return new TargetCapabilities(MachineDefinition.Type.KVM, Optional.of(emulation),
                Optional.of(Set.of("production", "bridge:br0", "ovs:br-int")), Optional.of(Set.of()),
                Optional.of(Map.of("vmlinuz", Path.of("/var/lib/understudy/boot/vmlinuz"),
                        "initrd.img", Path.of("/var/lib/understudy/boot/initrd.img"))),
                Optional.of(ByteCount.ofMebibytes(64 << 10)));
    }

    /** The failover of a VM of the zoo: the disks that were protected, its adapter mapped to production. */
    static MachineRequest failover(MachineDefinition definition) {
        Map<DiskName, Path> disks = new TreeMap<>();
        definition.hardDisks().stream().filter(disk -> !disk.readOnly())
                .filter(disk -> !disk.name().value().equals("vdc"))
                .forEach(disk -> disks.put(disk.name(), Path.of("/replicas/" + disk.name() + ".qcow2")));
        return new MachineRequest(ItemId.parse("11111111-0000-0000-0000-000000000001"),
                VmId.parse("11111111-2222-3333-4444-555555555501"), definition.name(), new UUID(1, 2), disks,
                Connections.mapped(Map.of(MAC, Optional.of(new Connection("production", Optional.empty())))));
    }

    static XmlDocument resource(String name) {
        try (var stream = Zoo.class.getResourceAsStream(name)) {
            return XmlDocument.parse(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
