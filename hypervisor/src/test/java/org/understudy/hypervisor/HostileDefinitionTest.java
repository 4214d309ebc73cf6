package org.understudy.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/**
 * Whoever owns the source's site writes the definitions that the target defines; none of them may read or write a file
 * of the target's host, run a program there, or open a port to others.
 */
class HostileDefinitionTest {
    private static final String SECRET = "/root/.ssh/id_ed25519";

    @Test
    void opensNothingOfTheTargetBecauseADefinitionNamesIt() {
        for (String xml : corpus()) {
            MachineDefinition hostile = new MachineDefinition(xml);
            MachinePlan plan = MachinePlan.of(hostile, Zoo.failover(hostile), Zoo.debian12(hostile));

            assertThat(plan.machine().xml()).as(xml)
                    .doesNotContain(SECRET, "commandline", "qemu:", "0.0.0.0", "/etc/", "../", "-drive", "exec:",
                            "sekret", "vhost", "eth0", "/bin/sh");
            assertThat(plan.portability().obstacles().size() + plan.portability().warnings().size())
                    .as("something is said of " + xml).isPositive();
        }
    }

    @Test
    void isWhoTheVaultSaysAndNotWhoTheDefinitionSays() {
        MachineDefinition hostile = new MachineDefinition(Zoo.domain("kvm", Zoo.os("pc-q35-7.2", ""),
                "<metadata><understudy:item xmlns:understudy='" + MachineDefinition.NAMESPACE
                        + "' id='99999999-0000-0000-0000-000000000009'/></metadata>", Zoo.disk("vda", "virtio", "")));
        MachineDefinition built = MachinePlan.of(hostile, Zoo.failover(hostile), Zoo.debian12(hostile)).machine();

        assertThat(built.item()).contains(ItemId.parse("11111111-0000-0000-0000-000000000001"));
        assertThat(built.id()).isEqualTo(VmId.parse("11111111-2222-3333-4444-555555555501"));
    }

    @Test
    void isNoMachineWhenItIsNoDomain() {
        for (String xml : List.of("<network><name>x</name></network>", "", "<domain>", "<!DOCTYPE x><domain/>")) {
            assertThatThrownBy(() -> MachinePlan.of(new MachineDefinition(xml),
                    Zoo.failover(new MachineDefinition(Zoo.animals().getFirst().definition().xml())),
                    TargetCapabilities.unknown(MachineDefinition.Type.QEMU)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static List<String> corpus() {
        List<String> corpus = new ArrayList<>();
        for (List<String> devices : List.of(places(), connections(), devices())) {
            for (String device : devices) {
                corpus.add(Zoo.domain("kvm", Zoo.os("pc-q35-7.2", ""), "",
                        device.contains("dev='vda'") ? device : Zoo.disk("vda", "virtio", "") + device));
            }
        }
        String qemu = "http://libvirt.org/schemas/domain/qemu/1.0";
        for (String part : List.of(
                "<qemu:commandline xmlns:qemu='" + qemu + "'><qemu:arg value='-drive'/></qemu:commandline>",
                "<q:commandline xmlns:q='" + qemu + "'><q:arg value='-drive'/></q:commandline>",
                "<commandline xmlns='" + qemu + "'><arg value='-drive'/></commandline>",
                "<qemu:override xmlns:qemu='" + qemu + "'><qemu:device alias='x'/></qemu:override>",
                "<sysinfo type='fwcfg'><entry name='" + SECRET + "'>x</entry></sysinfo>",
                "<sysinfo type='fwcfg'><entry name='opt/../" + SECRET + "'>x</entry></sysinfo>",
                "<sysinfo type='fwcfg'><entry name='opt/x' file='" + SECRET + "'/></sysinfo>",
                "<launchSecurity type='sev'><dhCert>" + SECRET + "</dhCert></launchSecurity>",
                "<memoryBacking><hugepages/><source type='file'/></memoryBacking><memtune path='" + SECRET + "'/>",
                "<bootloader>/bin/sh</bootloader>",
                "<idmap><uid start='0' target='" + SECRET + "' count='1'/></idmap>")) {
            corpus.add(Zoo.domain("kvm", Zoo.os("pc-q35-7.2", ""), part, Zoo.disk("vda", "virtio", "")));
        }
        for (String os : List.of("<kernel>" + SECRET + "</kernel>", "<initrd>" + SECRET + "</initrd>",
                "<dtb>../../etc/shadow</dtb>", "<kernel>/x/../vmlinuz/../../etc/passwd</kernel>",
                "<loader readonly='no' type='pflash'>" + SECRET + "</loader>",
                "<loader type='rom'>" + SECRET + "</loader>", "<nvram template='" + SECRET + "'>/etc/cron.d/x</nvram>"
                        + "<loader type='pflash'>x</loader>",
                "<acpi><table type='slic'>" + SECRET + "</table></acpi>", "<init>/bin/sh</init>",
                "<shim>" + SECRET + "</shim>")) {
            corpus.add(Zoo.domain("kvm", Zoo.os("pc-q35-7.2", os), "", Zoo.disk("vda", "virtio", "")));
        }
        return corpus;
    }

    private static List<String> places() {
        return List.of(
                "<disk type='file' device='disk'><source file='" + SECRET + "'/><target dev='vdc'/></disk>",
                "<disk type='file' device='cdrom'><source file='" + SECRET + "'/><target dev='sda'/></disk>",
                "<disk type='block' device='floppy'><source dev='" + SECRET + "'/><target dev='fda'/></disk>",
                "<disk type='file' device='disk'><driver name='qemu' type='raw'><metadata_cache><max_size>1"
                        + "</max_size></metadata_cache></driver><source file='" + SECRET + "'/><backingStore "
                        + "type='file'><source file='" + SECRET + "'/></backingStore><target dev='vda'/></disk>"
                        + "<hub type='usb' path='" + SECRET + "'/>");
    }

    private static List<String> connections() {
        return List.of(
                "<interface type='direct'><source dev='eth0' mode='passthrough'/></interface>",
                "<interface type='ethernet'><script path='/etc/x'/><target dev='eth0' managed='no'/></interface>",
                "<interface type='vhostuser'><source type='unix' path='" + SECRET + "' mode='server'/></interface>",
                "<interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface>",
                "<interface type='bridge'><source bridge='eth0'/><backend tap='" + SECRET + "'/></interface>",
                "<interface type='network'><source network='default'/><rom file='" + SECRET + "'/></interface>",
                "<hostdev mode='subsystem' type='scsi_host'><source protocol='vhost' wwpn='naa.1'/></hostdev>",
                "<hostdev mode='capabilities' type='storage'><source><block>" + SECRET + "</block></source></hostdev>",
                "<filesystem type='mount'><source dir='/etc/'/><target dir='x'/></filesystem>",
                "<filesystem type='mount'><driver type='virtiofs'/><binary path='/bin/sh'/></filesystem>",
                "<serial type='file'><source path='" + SECRET + "' append='on'/></serial>",
                "<serial type='dev'><source path='" + SECRET + "'/></serial>",
                "<serial type='unix'><source mode='bind' path='" + SECRET + "'/></serial>",
                "<serial type='tcp'><source mode='bind' host='0.0.0.0' service='1'/></serial>",
                "<serial type='pipe'><source path='" + SECRET + "'/></serial>",
                "<channel type='file'><source path='" + SECRET + "'/><target type='virtio' name='x'/></channel>",
                "<channel type='tcp'><source mode='bind' host='0.0.0.0' service='1'/></channel>");
    }

    private static List<String> devices() {
        return List.of(
                "<rng model='virtio'><backend model='egd' type='tcp'><source mode='bind' host='0.0.0.0'/></backend>"
                        + "</rng>",
                "<rng model='virtio'><backend model='random'>" + SECRET + "</backend></rng>",
                "<audio id='1' type='file' path='/etc/cron.d/x'/>",
                "<tpm model='tpm-crb'><backend type='emulator'><encryption secret='s'/><source type='file' path='"
                        + SECRET + "'/></backend></tpm>",
                "<tpm model='tpm-tis'><backend type='passthrough'><device path='" + SECRET + "'/></backend></tpm>",
                "<tpm model='tpm-tis'><backend type='external'><source type='unix' path='" + SECRET + "'/></backend>"
                        + "</tpm>",
                "<redirdev bus='usb' type='tcp'><source mode='bind' host='0.0.0.0' service='1'/></redirdev>",
                "<smartcard mode='host-certificates'><certificate>c</certificate><database>" + SECRET
                        + "</database></smartcard>",
                "<smartcard mode='passthrough' type='tcp'><source mode='bind' host='0.0.0.0'/></smartcard>",
                "<input type='evdev'><source dev='" + SECRET + "'/></input>",
                "<input type='passthrough' bus='virtio'><source evdev='" + SECRET + "'/></input>",
                "<pstore backend='acpi-erst'><path>" + SECRET + "</path></pstore>",
                "<graphics type='vnc' listen='0.0.0.0' passwd='sekret'><listen type='address' address='0.0.0.0'/>"
                        + "</graphics>",
                "<graphics type='vnc' socket='" + SECRET + "'><listen type='socket' socket='" + SECRET
                        + "'/><listen type='network' network='x' address='0.0.0.0'/></graphics>",
                "<graphics type='spice' tlsPort='1' passwd='sekret'><gl enable='yes' rendernode='" + SECRET
                        + "'/></graphics>",
                "<graphics type='rdp' listen='0.0.0.0'/>",
                "<video><driver name='vhostuser'/><model type='virtio'><acceleration accel3d='yes' rendernode='"
                        + SECRET + "'/></model></video>",
                "<shmem name='x' role='peer'><server path='" + SECRET + "'/></shmem>",
                "<memory model='nvdimm'><source><path>" + SECRET + "</path></source></memory>",
                "<memory model='virtio-pmem'><source><path>" + SECRET + "</path></source></memory>",
                "<crypto model='virtio' type='qemu'><backend model='lkcf'/></crypto>",
                "<lease><lockspace>x</lockspace><target path='" + SECRET + "'/></lease><hub type='usb' x='1'/>",
                "<nvram x='1'><path>" + SECRET + "</path></nvram>",
                "<unheard-of path='" + SECRET + "'>" + SECRET + "</unheard-of>");
    }
}
