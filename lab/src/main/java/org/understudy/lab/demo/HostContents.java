package org.understudy.lab.demo;

import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a test failover could leave on a host: VMs, networks, interfaces and disk images, by name. */
record HostContents(Set<String> machines, Set<String> networks, Set<String> interfaces, Set<String> images) {
    static HostContents of(HostShell shell, String host) throws IOException {
        return new HostContents(
                lines(shell.run(host, "virsh", "-q", "list", "--all", "--name")),
                lines(shell.run(host, "virsh", "-q", "net-list", "--all", "--name")),
                lines(shell.run(host, "ls", "/sys/class/net")),
                lines(shell.run(host, "find", "/var/lib/libvirt/images", "-name", "*.qcow2")));
    }

    /** What is here and was not in an earlier look. */
    Set<String> since(HostContents before) {
        Set<String> added = new TreeSet<>();
        added.addAll(without(machines, before.machines));
        added.addAll(without(networks, before.networks));
        added.addAll(without(interfaces, before.interfaces));
        added.addAll(without(images, before.images));
        return added;
    }

    private static Set<String> without(Set<String> names, Set<String> others) {
        return names.stream().filter(name -> !others.contains(name)).collect(Collectors.toSet());
    }

    private static Set<String> lines(String printed) {
        return printed.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.toSet());
    }
}
