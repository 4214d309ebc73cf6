package org.understudy.acceptance;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.understudy.lab.LabHost;

/**
 * All that a test failover could leave at a host: domains, networks, interfaces, files, processes. Two of them are
 * compared. What replication itself makes and removes all the time is left out.
 *
 * @param processes those that name the item, as the disks and the network of its test do
 */
record HostTraces(
        SortedSet<String> domains, SortedSet<String> networks, SortedSet<String> interfaces, SortedSet<String> files,
        SortedSet<String> processes) {
    /** Folders of the host's own, where libvirt, QEMU, dnsmasq and the agent keep their files. */
    private static final List<String> FOLDERS =
            List.of("/etc/libvirt", "/var/lib/libvirt", "/var/cache/libvirt", "/run");

    /**
     * Replication's journal, undo logs and sockets, the agent's memory of what it answered, files being replaced; and
     * what libvirt 9.0 itself keeps in {@code /run}, empty, of each network that ever ran.
     */
    private static final Pattern COMES_AND_GOES = Pattern.compile(
            ".*/(?:journal|undo|answers)/.*|.*\\.(?:new|tmp|beside|part)[^/]*|/run/understudy/.*|.*/qemu/channel/.*"
                    + "|/run/libvirt/network/understudy-test-[^/]*(?:\\.pid|/ports)?");

    /** A libvirtd that does not answer fails what asks it, and not the whole run an hour later. */
    private static final String VIRSH_SECONDS = "180";

    static HostTraces of(AcceptanceLab lab, String host) throws IOException {
        LabHost at = lab.lab().host(host);
        String item = lab.item().id().toString().substring(0, 8);
        return new HostTraces(
                names(virsh(at, "list", "--all", "--name")),
                names(virsh(at, "net-list", "--all", "--name")),
                names(Program.output(lab.lab().exec(host, "ls", "/sys/class/net"))),
                files(at), processes(item));
    }

    static String virsh(LabHost host, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "timeout", VIRSH_SECONDS, "virsh", "--quiet", "--connect", host.libvirtUri()));
        command.addAll(List.of(words));
        return Program.output(new ProcessBuilder(command));
    }

    private static SortedSet<String> names(String lines) {
        SortedSet<String> names = new TreeSet<>(lines.lines().map(String::strip).toList());
        names.remove("");
        return names;
    }

    private static SortedSet<String> files(LabHost host) throws IOException {
        SortedSet<String> found = new TreeSet<>();
        for (String folder : FOLDERS) {
            Files.walkFileTree(host.outside(Path.of(folder)), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    return note(file);
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failed) throws IOException {
                    if (failed instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw failed;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, IOException failed) {
                    return note(visited);
                }

                private FileVisitResult note(Path file) {
                    String inside = "/" + host.root().relativize(file);
                    if (!COMES_AND_GOES.matcher(inside).matches()) {
                        found.add(inside);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        return found;
    }

    private static SortedSet<String> processes(String item) {
        SortedSet<String> found = new TreeSet<>();
        ProcessHandle.allProcesses().forEach(process -> process.info().commandLine()
                .filter(command -> command.contains(item)).ifPresent(found::add));
        return found;
    }
}
