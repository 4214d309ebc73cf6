package org.understudy.acceptance;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a hostile source may write into a VM's definition so that another host opens, runs or listens for it; each with
 * the words by which a person learns that it was left out. Everything named lies in {@link #CANARY}.
 */
final class HostileDefinitions {
    /** A folder of the target that no VM has anything to do with. */
    static final String CANARY = "/var/lib/libvirt/images/canary";

    private static final String QEMU = "http://libvirt.org/schemas/domain/qemu/1.0";

    private HostileDefinitions() {}

    /** Devices with what is said of each. */
    static Map<String, String> devices() {
        Map<String, String> devices = new LinkedHashMap<>();
        devices.put("<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s/disk.qcow2'/>"
                + "<target dev='vdx' bus='virtio'/></disk>", "Disk vdx is not replicated");
        devices.put("<disk type='file' device='cdrom'><source file='%s/secret'/><target dev='sda' bus='sata'/>"
                + "<readonly/></disk>", "The medium in drive sda");
        devices.put("<hostdev mode='subsystem' type='pci'><source><address domain='0' bus='0' slot='1' function='0'/>"
                + "</source></hostdev>", "A device of its host passed through to it (pci)");
        devices.put("<filesystem type='mount'><driver type='virtiofs'/><binary path='%s/program'/><source dir='%s'/>"
                + "<target dir='fs'/></filesystem>", "(fs) is not replicated");
        devices.put("<filesystem type='mount' accessmode='passthrough'><source dir='%s'/><target dir='nine'/>"
                + "</filesystem>", "(nine) is not replicated");
        devices.put("<interface type='ethernet'><mac address='52:54:00:00:0b:ad'/><script path='%s/program'/>"
                + "<downscript path='%s/program'/><filterref filter='canary-filter'/>"
                + "</interface>", "Element devices/interface/script is not carried");
        devices.put("<serial type='file'><source path='%s/made-serial' append='on'/><target port='3'/></serial>",
                "Its serial port 3 is a console");
        devices.put("<channel type='tcp'><source mode='bind' host='0.0.0.0' service='4444'/><target type='virtio' "
                + "name='canary.tcp'/></channel>", "Its channel canary.tcp (tcp) leads to its host");
        devices.put("<channel type='pipe'><source path='%s/pipe'/><target type='virtio' name='canary.pipe'/></channel>",
                "Its channel canary.pipe (pipe) leads to its host");
        devices.put("<rng model='virtio'><backend model='egd' type='unix'><source mode='connect' path='%s/socket'/>"
                + "</backend></rng>", "Its source of random numbers is the target's");
        devices.put("<audio id='1' type='file' path='%s/made-sound'/>", "Its sound goes nowhere");
        devices.put("<tpm model='tpm-tis'><backend type='passthrough'><device path='%s/secret'/></backend></tpm>",
                "Its TPM is one of its host");
        devices.put("<input type='evdev'><source dev='%s/secret'/></input>", "An input device of its host");
        devices.put("<graphics type='vnc' socket='%s/made-vnc' passwd='open'><listen type='socket' "
                + "socket='%s/made-vnc'/></graphics>", "Its console answers on the target itself alone");
        devices.put("<shmem name='canary' role='peer'><server path='%s/socket'/></shmem>",
                "Memory shared with its host (canary)");
        devices.put("<pstore backend='acpi-erst'><path>%s/made-pstore</path><size unit='KiB'>8</size></pstore>",
                "Its crash store in a file of its host");
        devices.put("<redirdev bus='usb' type='tcp'><source mode='bind' host='0.0.0.0' service='4445'/></redirdev>",
                "USB redirection (tcp)");
        devices.put("<smartcard mode='host-certificates'><certificate>c</certificate><database>%s</database>"
                + "</smartcard>", "Its smart card is of its host");
        devices.put("<lease><lockspace>l</lockspace><key>k</key><target path='%s/secret'/></lease>",
                "Element devices/lease is not carried");
        devices.put("<unheard-of path='%s/secret'/>", "Element devices/unheard-of is not carried");
        return placed(devices);
    }

    /** Parts beside the devices with what is said of each. */
    static Map<String, String> parts() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("<qemu:commandline xmlns:qemu='" + QEMU + "'><qemu:arg value='-fsdev'/><qemu:arg "
                + "value='local,id=canary,path=%s,security_model=none'/></qemu:commandline>",
                "Element qemu:commandline is not carried");
        parts.put("<sysinfo type='fwcfg'><entry name='opt/org.canary/key' file='%s/secret'/></sysinfo>",
                "that QEMU hands to the guest as opt/org.canary/key");
        parts.put("<bootloader>%s/program</bootloader>", "Element bootloader is not carried");
        return placed(parts);
    }

    /** Parts of {@code <os>} with what is said of each. */
    static Map<String, String> ofTheBeginning() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("<loader type='rom'>%s/secret</loader>", "Its firmware file " + CANARY + "/secret is not carried");
        parts.put("<nvram template='%s/secret'>%s/made-nvram</nvram>", "");
        parts.put("<acpi><table type='slic'>%s/secret</table></acpi>", "ACPI tables from files of its host");
        return placed(parts);
    }

    /** What forbids the start, with what is said of each: without it the VM would not be what it was. */
    static Map<String, String> thatForbidTheStart() {
        Map<String, String> devices = new LinkedHashMap<>();
        devices.put("<memory model='nvdimm'><source><path>%s/secret</path></source><target><size unit='KiB'>131072"
                + "</size></target></memory>", "It keeps data in memory of kind nvdimm");
        return placed(devices);
    }

    /** With a kernel of the target's that its administrator did not lay out for VMs. */
    static String withKernel(String definition) {
        return definition.replace("</os>", "<kernel>" + CANARY + "/secret</kernel></os>");
    }

    private static Map<String, String> placed(Map<String, String> forms) {
        Map<String, String> placed = new LinkedHashMap<>();
        forms.forEach((form, said) -> placed.put(form.replace("%s", CANARY), said));
        return placed;
    }
}
