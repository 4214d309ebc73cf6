package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.understudy.lab.Lab;
import org.understudy.lab.LabHost;

/**
 * A look at the network of a test failover from inside and from outside. Inside, a neighbour of the test guest with the
 * network's gateway as its default route; outside, this machine and the source's host. Both hosts are given a route to
 * the other's VM, as an administrator's mistake would.
 */
final class IsolationProbe {
    private static final Pattern BRIDGE = Pattern.compile("<bridge name='([^']+)'");
    private static final Pattern GATEWAY = Pattern.compile("<ip address='([0-9.]+)' (?:netmask='([0-9.]+)'|prefix)");
    private static final Pattern LEASE = Pattern.compile("ipv4\\s+([0-9.]+)/(\\d+)");
    private static final String HTTP = "80";
    /** Asks a guest as neighbour.sh does. */
    private static final String ASK =
            "exec 3<>/dev/tcp/$1/80; printf 'GET /status HTTP/1.0\\r\\n\\r\\n' >&3; grep -q bootId <&3";

    /** Who reached whom. */
    record Findings(Reached testGuest, Reached sourceGuest, Reached machine, boolean machineReachesTestGuest,
            boolean sourceHostReachesTestGuest) {}

    /** By whom something was reached: by a neighbour in the test's network, by the host that has this network. */
    record Reached(boolean byNeighbour, boolean byHost) {
        static Reached of(String line) {
            String[] words = line.split(" ");
            return new Reached(words[2].equals("yes"), words[3].equals("yes"));
        }
    }

    private IsolationProbe() {}

    static Findings of(AcceptanceLab lab, String testVm) throws IOException {
        LabHost source = lab.lab().host(Lab.STOCKHOLM);
        LabHost target = lab.lab().host(Lab.AMSTERDAM);
        String network = testNetwork(target);
        String xml = HostTraces.virsh(target, "net-dumpxml", network);
        assertThat(xml).as("definition of network %s", network).doesNotContain("<forward");
        String gateway = first(GATEWAY, xml);
        String testGuest = first(LEASE, HostTraces.virsh(target, "domifaddr", testVm));
        String sourceGuest = lab.guest().address();
        String vaultPort = Integer.toString(lab.deployment().vault().url().getPort());

        List<String> found = Program.lines(lab.lab().exec(Lab.AMSTERDAM, "bash", "-c", script(), "neighbour",
                first(BRIDGE, xml), another(gateway, testGuest) + "/24", gateway, sourceGuest, source.address(),
                testGuest, HTTP, sourceGuest, HTTP, lab.lab().address(), vaultPort));
        assertThat(found).hasSize(3);
        return new Findings(
                Reached.of(found.get(0)), Reached.of(found.get(1)), Reached.of(found.get(2)),
                answers(new ProcessBuilder("timeout", "5", "bash", "-c", ASK, "stranger", testGuest)),
                answers(lab.lab().exec(Lab.STOCKHOLM, "bash", "-c", """
                        ip route add "$1" via "$2" || exit 0
                        timeout 5 bash -c "$3" stranger "$1"; found=$?
                        ip route del "$1"; exit $found
                        """, "stranger", testGuest, target.address(), ASK)));
    }

    private static String testNetwork(LabHost target) throws IOException {
        List<String> found = HostTraces.virsh(target, "net-list", "--name").lines()
                .filter(name -> name.startsWith("understudy-test-")).toList();
        assertThat(found).as("networks made for a test").hasSize(1);
        return found.getFirst();
    }

    private static boolean answers(ProcessBuilder command) throws IOException {
        Process process = command.redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        return process.onExit().join().exitValue() == 0;
    }

    /** An address of the gateway's network that neither of the two has. */
    private static String another(String gateway, String testGuest) {
        String network = gateway.substring(0, gateway.lastIndexOf('.') + 1);
        return testGuest.equals(network + "253") ? network + "252" : network + "253";
    }

    private static String first(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        assertThat(found.find()).as("%s in %s", pattern, text).isTrue();
        return found.group(1);
    }

    private static String script() throws IOException {
        try (InputStream script = IsolationProbe.class.getResourceAsStream("neighbour.sh")) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
