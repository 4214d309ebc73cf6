package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.disk.EmulatorAccount;
import org.understudy.hypervisor.XmlDocument;

/** As which account QEMU runs, and where that account may make a socket. */
class EmulatorAccountsTest {
    @Test
    void asksTheHostForTheAccountOfItsMachines() {
        assertThat(EmulatorAccounts.inCapabilities(XmlDocument.parse("""
                <capabilities><host>
                <secmodel><model>apparmor</model><doi>0</doi></secmodel>
                <secmodel><model>dac</model><doi>0</doi>
                <baselabel type='kvm'>+64055:+109</baselabel><baselabel type='qemu'>+64055:+109</baselabel></secmodel>
                </host></capabilities>"""))).contains(new EmulatorAccount(64055, 109));
        assertThat(EmulatorAccounts.inCapabilities(XmlDocument.parse("""
                <capabilities><host><secmodel><model>none</model></secmodel></host></capabilities>"""))).isEmpty();
    }

    @Test
    void asksAMachineThatRunsAsAnAccountOfItsOwn() {
        assertThat(EmulatorAccounts.ofMachine(XmlDocument.parse("""
                <domain id='3'><seclabel type='dynamic' model='apparmor'><label>libvirt-1</label></seclabel>
                <seclabel type='static' model='dac' relabel='yes'><label>+1001:+1002</label></seclabel></domain>""")))
                .contains(new EmulatorAccount(1001, 1002));
        assertThat(EmulatorAccounts.ofMachine(XmlDocument.parse("<domain id='3'/>"))).isEmpty();
    }

    @Test
    void hasTheSocketInTheFolderThatLibvirtMadeForTheMachine(@TempDir Path home) throws Exception {
        ExportFolder exports = new ExportFolder(home.resolve("qemu"), home.resolve("run"));
        Path machines = Files.createDirectory(home.resolve("qemu"));
        Path web = Files.createDirectory(machines.resolve("domain-7-web01"));
        // What a power cut left of another VM with the same number.
        Files.createDirectory(machines.resolve("domain-7-db01"));
        Path longer = Files.createDirectory(machines.resolve("domain-8-Übermäßig langer Nam"));

        assertThat(exports.socket("understudy-1.sock", live("7", "web01"), EmulatorAccount.own()))
                .isEqualTo(web.resolve("understudy-1.sock"));
        assertThat(exports.socket("u", live("8", "Übermäßig langer Name"), EmulatorAccount.own()))
                .isEqualTo(longer.resolve("u"));
        assertThat(home.resolve("run")).doesNotExist();
    }

    @Test
    void hasAFolderOfItsOwnForTheSocketWhereLibvirtsIsNotThereOrTooDeep(@TempDir Path home) throws Exception {
        Path machines = home.resolve("a-folder-of-libvirt-that-lies-deep");
        ExportFolder exports = new ExportFolder(machines, home.resolve("run"));
        EmulatorAccount emulator = EmulatorAccount.own();
        Path own = home.resolve("run/nbd-" + emulator.uid());
        assertThat(exports.socket("u", live("7", "web01"), emulator)).isEqualTo(own.resolve("u"));
        assertThat(own).isDirectory();

        String name = "雪".repeat(40);
        Files.createDirectories(machines.resolve("domain-9-" + "雪".repeat(20)));
        assertThat(exports.socket("u", live("9", name), emulator)).isEqualTo(own.resolve("u"));
    }

    private static XmlDocument live(String id, String name) {
        return XmlDocument.parse("<domain id='" + id + "'><name>" + name + "</name></domain>");
    }
}
