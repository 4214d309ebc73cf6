package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;

/**
 * Who runs VMs at a host and who may read what is ours there, asked of the host's own {@code ps}, {@code stat} and
 * {@code find}. What they say is printed, to be quoted.
 */
final class HostRights {
    /** All of ours but libvirt's folder for a VM, and what comes and goes with each cycle. */
    private static final String OURS = "/var/lib/libvirt/images/.understudy-*";
    private static final String SOCKET = "/var/lib/libvirt/qemu/domain-*/understudy-*.sock";
    private static final String SCRATCH = "/var/lib/libvirt/images/.understudy-*/*.understudy-scratch";
    private static final int NOBODY = 65534;

    private final AcceptanceLab lab;
    private final String host;
    private final int emulator;

    private HostRights(AcceptanceLab lab, String host, int emulator) {
        this.lab = lab;
        this.host = host;
        this.emulator = emulator;
    }

    /** Prints which system it is; QEMU's user is that of libvirt's own folder for QEMU. */
    static HostRights of(AcceptanceLab lab, String host) throws IOException {
        List<String> told = lines(lab, host, "stat -c %u /var/lib/libvirt/qemu; . /etc/os-release; echo $PRETTY_NAME; "
                + "virsh version | tail -n 2");
        System.out.println("## " + host + ": " + String.join("; ", told.subList(1, told.size())));
        int emulator = Integer.parseInt(told.getFirst());
        assertThat(emulator).as("QEMU's user at " + host).isNotZero();
        return new HostRights(lab, host, emulator);
    }

    /** Asks for what must hold whenever it is asked; prints what it looked at. */
    void hold() throws IOException {
        machinesRunAsTheEmulator();
        show("stat -c '%A %U:%G %n' $(find " + OURS + " -not -path '*/journal/*' -not -path '*/undo/*' "
                + "-not -path '*/answers/*' | sort)");
        assertThat(readable(NOBODY, OURS)).as("what anybody may list or read at " + host).isEmpty();
        assertThat(readable(emulator, OURS)).as("what QEMU may read of ours at " + host).allSatisfy(path ->
                assertThat(path).matches(".*\\.(?:raw|qcow2|understudy-scratch)"));
    }

    /** Waits for a cycle's socket and scratch file that are QEMU's; libvirt makes the latter as root. */
    void holdDuringACycle() throws IOException {
        for (String place : List.of(SOCKET, SCRATCH)) {
            List<String> seen = show("timeout 60 sh -c 'until stat -c \"%A %U:%G %u %n\" " + place
                    + " 2>/dev/null | grep \" " + emulator + " \"; do :; done'");
            assertThat(seen).as(place + " of QEMU's user at " + host).isNotEmpty();
        }
        assertThat(show("stat -c '%A %U:%G %a %n' /var/lib/libvirt/qemu /var/lib/libvirt/images/.understudy-*-*"))
                .allSatisfy(line -> assertThat(line.split(" ")[2]).as(line).endsWith("0"));
        assertThat(readable(NOBODY, "/var/lib/libvirt/qemu/domain-*")).isEmpty();
    }

    private void machinesRunAsTheEmulator() throws IOException {
        List<String> machines = show(
                "ls /run/libvirt/qemu/*.pid | grep -v /driver.pid | while read -r file; do "
                        + "ps -ww -o uid=,user:16=,args= -p $(cat \"$file\"); done | cut -c1-100");
        assertThat(machines).as("VMs of " + host).isNotEmpty().allSatisfy(machine ->
                assertThat(machine.strip()).startsWith(emulator + " "));
    }

    /** The paths of a pattern, with all below, that a user may list, read or connect to. */
    private List<String> readable(int user, String pattern) throws IOException {
        String as = "setpriv --reuid=" + user + " --regid=" + user + " --clear-groups";
        return lines(lab, host, "find " + pattern + " ! -type l 2>/dev/null | " + as
                + " sh -c 'while read -r path; do if [ -r \"$path\" ]; then echo \"$path\"; fi; done'");
    }

    private List<String> show(String script) throws IOException {
        List<String> said = lines(lab, host, script);
        System.out.println(host + "# " + script);
        said.forEach(System.out::println);
        return said;
    }

    private static List<String> lines(AcceptanceLab lab, String host, String script) throws IOException {
        return Program.lines(lab.lab().exec(host, "sh", "-c", script));
    }
}
