package org.understudy.lab.demo;

import java.nio.file.Path;
import java.util.Optional;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.Deployment;

/** What a demo says before it starts anything, and what a kept one says at its end. */
final class Announcement {
    private static final String INDENT = "\n             ";

    private Announcement() {
    }

    static String of(DemoPlan plan, Requirements requirements, Path folder) {
        return """
                Understudy demo: a VM is protected, its site is killed, it goes on at the other site.

                  installs   %s
                  starts     the lab "%s": libvirt hosts stockholm and amsterdam in network namespaces,
                             a vault with a PostgreSQL of its own, an agent in each host, the VM %s
                  writes     %s and the lab's folder, both removed at the end;
                             the parts of the VM stay in ~/.cache/understudy for the next time"""
                .formatted(requirements.told().replace("\n", INDENT), plan.lab(), DemoPlan.VM, folder);
    }

    /** Beyond the demo: what a person does next who liked it. */
    static String realHosts(Path home) {
        return """

                On hosts of your own: two KVM hosts and a machine for the vault, none of which builds anything.
                  ./dev package      makes the packages; then follow %s
                  It ends with a VM of yours being replicated, in about ten minutes.""".formatted(
                home.resolve("docs/user/install.md"));
    }

    static String howToGoOn(DemoPlan plan, Optional<Deployment> deployment) {
        StringBuilder text = new StringBuilder("\nKept, as it stands.\n");
        deployment.ifPresent(running -> {
            text.append("\nThe command line finds the vault by\n");
            running.environment().forEach((name, value) -> text.append("  export %s=%s%n".formatted(name, value)));
            text.append("""
                      ./understudy status
                      ./understudy item show %1$s
                      ./understudy commit %1$s
                    """.formatted(DemoPlan.VM));
        });
        return text.append("""

                What the VM's disks hold, asked of nothing but the disks:
                  UNDERSTUDY_LAB=%1$s lab/bin/lab guest records %2$s --host %3$s
                The hosts, and where they are:
                  UNDERSTUDY_LAB=%1$s lab/bin/lab status
                The end, which leaves nothing:
                  ./understudy demo --down%4$s"""
                .formatted(plan.lab(), DemoPlan.VM, Lab.AMSTERDAM, labOption(plan.lab()))).toString();
    }

    /** What must be typed for a lab that is not the usual one. */
    static String labOption(String lab) {
        return lab.equals("demo") ? "" : " --lab " + lab;
    }
}
