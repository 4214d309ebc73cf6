package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;

/**
 * Files of a host that nobody has any business with: that one of them was read, run, given to another user or joined by
 * a new one is seen by what the host's file system says of them.
 */
final class Canaries {
    /** Name, owner, mode, bytes, last read, last written, last changed. */
    private static final String STAT = "stat -c '%n %U:%G %a %s %X.%x %Y.%y %Z.%z' ";

    private final AcceptanceLab lab;
    private final String host;
    private final List<String> before;

    private Canaries(AcceptanceLab lab, String host) throws IOException {
        this.lab = lab;
        this.host = host;
        shell("rm -rf $0 && mkdir -m 755 $0 && cd $0 && printf secret > secret && printf control > control"
                + " && printf '#!/bin/sh\ntouch " + HostileDefinitions.CANARY + "/made-ran\n' > program"
                + " && chmod 755 program && qemu-img create -q -f qcow2 disk.qcow2 1M");
        this.before = seen();
    }

    static Canaries at(AcceptanceLab lab, String host) throws IOException {
        return new Canaries(lab, host);
    }

    /** And that a reading would have been seen, by one that is done now. */
    void areUntouched() throws IOException {
        assertThat(seen()).as("files of " + host + " that no VM has to do with").isEqualTo(before);
        shell("cat $0/control");
        assertThat(seen()).as("a reading is seen").isNotEqualTo(before);
    }

    /** Nothing of them is on the command line of QEMU, among its open files, or listened at. */
    void areStrangeTo(String machine) throws IOException {
        String pid = shell("cat \"/run/libvirt/qemu/" + machine + ".pid\"").getFirst();
        List<String> process = shell("cd /proc/" + pid + "; tr '\\0' '\\n' < cmdline; ls -l fd; cat maps");
        assertThat(process).as("QEMU of " + machine).noneMatch(line -> line.contains("canary"));
        List<String> open = shell("ss -Hltnp | grep qemu || true");
        System.out.println("QEMU listens: " + open);
        assertThat(open).allSatisfy(line -> assertThat(line).contains("127.0.0.1:"));
        assertThat(HostTraces.virsh(lab.lab().host(host), "dumpxml", machine)).doesNotContain("canary", "0.0.0.0");
    }

    void remove() throws IOException {
        shell("rm -rf $0");
    }

    private List<String> seen() throws IOException {
        return shell(STAT + "$0 $0/* | sort");
    }

    private List<String> shell(String script) throws IOException {
        return Program.lines(lab.lab().exec(host, "sh", "-c", script, HostileDefinitions.CANARY));
    }
}
