package org.understudy.hypervisor.libvirt;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.understudy.disk.HostProgram;
import org.understudy.model.NetworkKind;
import org.understudy.model.VirtualNetwork;

/**
 * The bridges of the host itself, by the tools that made them ({@code ip}, {@code ovs-vsctl}): the usual way into the
 * network of a production host, of which libvirt knows nothing. Asked at most once in {@value #SECONDS} seconds.
 */
final class HostBridges {
    private static final int SECONDS = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:@-]{1,15}");
    private static final List<String> LINUX = List.of("ip", "-o", "link", "show", "type", "bridge");
    private static final List<String> OPEN_VSWITCH = List.of("ovs-vsctl", "--timeout=2", "list-br");
    private static final List<String> FOLDERS = List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin");

    private List<VirtualNetwork> known = List.of();
    private long askedAt;
    private boolean asked;

    /**
     * The bridges, by name.
     *
     * @param others bridges that belong to networks of libvirt
     */
    synchronized List<VirtualNetwork> list(Set<String> others) {
        if (!asked || System.nanoTime() - askedAt > Duration.ofSeconds(SECONDS).toNanos()) {
            asked = true;
            askedAt = System.nanoTime();
            known = ask();
        }
        return known.stream().filter(bridge -> !others.contains(NetworkKind.own(bridge.name()))).toList();
    }

    private static List<VirtualNetwork> ask() {
        List<VirtualNetwork> bridges = new ArrayList<>();
        linux(run(LINUX)).forEach(name ->
                bridges.add(new VirtualNetwork(NetworkKind.BRIDGE.named(name), true, List.of())));
        run(OPEN_VSWITCH).lines().map(String::strip).filter(name -> NAME.matcher(name).matches()).forEach(name ->
                bridges.add(new VirtualNetwork(NetworkKind.OPEN_VSWITCH.named(name), true, List.of())));
        return bridges;
    }

    /** The names in the lines of {@code ip -o link}: {@code 5: br0: <BROADCAST,…}. */
    static Set<String> linux(String lines) {
        Set<String> names = new TreeSet<>();
        lines.lines().map(line -> line.split(": ", 3)).filter(parts -> parts.length == 3)
                .map(parts -> parts[1].split("@", 2)[0]).filter(name -> NAME.matcher(name).matches())
                .filter(name -> !name.startsWith("understudy")).forEach(names::add);
        return names;
    }

    /** What a program prints; nothing where it is not there or does not answer. */
    private static String run(List<String> command) {
        for (String folder : FOLDERS) {
            Path program = Path.of(folder, command.getFirst());
            if (Files.isExecutable(program)) {
                List<String> words = new ArrayList<>(command);
                words.set(0, program.toString());
                return HostProgram.ask(PATIENCE, "", words).filter(HostProgram.Answer::succeeded)
                        .map(HostProgram.Answer::output).orElse("");
            }
        }
        return "";
    }
}
