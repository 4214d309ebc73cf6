package org.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * No endless loop outside of {@code EndlessLoop}: whoever starts a thread in a process that stays runs one, or is
 * listed here with the reason why its thread has an end, or survives by itself.
 */
class ThreadsTest {
    private static final Pattern STARTS = Pattern.compile(
            "Thread\\.of(?:Virtual|Platform)\\(|Thread\\.startVirtualThread|new Thread\\(|Executors\\.new"
                    + "|new ScheduledThreadPoolExecutor|\\bpace\\.start\\(");

    /** These end with what a person asked for, or are no part of the product. */
    private static final Set<String> MODULES_THAT_END = Set.of("cli", "lab", "bench", "acceptance", "simulation");

    private static final Map<String, String> WITH_AN_END = Map.ofEntries(
            Map.entry("agent/source/SourceReplications.java", "a nudge: one call"),
            Map.entry("agent/Agent.java", "the warm-up: once; its loops are run by Loops"),
            Map.entry("agent/source/PointWatch.java", "ends with its point in time, and ends that when it cannot look"),
            Map.entry("agent/target/HoldingsList.java", "one look at the folders of replicas"),
            Map.entry("agent/target/MachineReadiness.java", "one look at a VM; the executor outlives an Error of it"),
            Map.entry("disk/ImageServer.java", "reads the first word of one program"),
            Map.entry("disk/HostProgram.java", "reads the words of one program"),
            Map.entry("agent/vault/CommandLoop.java", "a command: once, and whatever it throws is its answer"),
            Map.entry("agent/role/ToldRoles.java", "one answer of the vault, which it gives again"),
            Map.entry("agent/main/RunCommand.java", "the hook at the end of the process"),
            Map.entry("capture/CapturePipeline.java", "the lanes of one capture, whose failure is the capture's"),
            Map.entry("hypervisor/libvirt/LibvirtConnection.java", "single calls; what they throw is their caller's"),
            Map.entry("nbd/NbdConnection.java", "reads one connection; its end is that connection's failure"),
            Map.entry("replica/ApplyLoop.java", "survives what a turn throws, tells it as the replica's trouble"),
            Map.entry("replication/DriverLoop.java", "survives what a turn throws, tells it as the item's trouble"),
            Map.entry("replication/RunningThread.java", "runs what it is given, of DriverLoop alone"),
            Map.entry("replication/wire/WireWarmUp.java", "once"),
            Map.entry("replication/wire/WireChannel.java", "serves one connection"),
            Map.entry("replication/wire/ReplicationClient.java", "serves one connection"),
            Map.entry("vault/main/Main.java", "the hook at the end of the process"));

    @Test
    void runNoLoopThatAnErrorWouldEnd() throws IOException {
        Set<String> unknown = new TreeSet<>();
        Set<String> met = new TreeSet<>();
        SourceTree tree = SourceTree.find();
        for (Path file : tree.javaFiles()) {
            String name = tree.name(file);
            String module = name.substring(0, name.indexOf('/'));
            if (!name.contains("/src/main/") || MODULES_THAT_END.contains(module)) {
                continue;
            }
            String source = Files.readString(file);
            String shortly = name.substring(name.indexOf("/org/understudy/") + "/org/understudy/".length());
            if (STARTS.matcher(source).find()) {
                met.add(shortly);
                if (!source.contains("EndlessLoop") && !WITH_AN_END.containsKey(shortly)) {
                    unknown.add(name);
                }
            }
        }
        assertThat(unknown).as("threads that nobody says the end of: run an EndlessLoop, or list them here").isEmpty();
        assertThat(met).as("reasons that are no longer needed").containsAll(WITH_AN_END.keySet());
    }
}
