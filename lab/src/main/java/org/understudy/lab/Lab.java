package org.understudy.lab;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.understudy.model.ByteCount;

/**
 * A lab of real libvirt hosts on this machine, driven through {@code lab/bin/lab}. Needs root.
 *
 * <p>Nothing is remembered here: what runs is asked of the script each time, so several processes may use one lab.
 * A command that fails is an {@link IOException} with what the script said. Safe for several threads.
 */
public final class Lab {
    /** The hosts of a lab of two. */
    public static final String STOCKHOLM = "stockholm";
    public static final String AMSTERDAM = "amsterdam";

    private final LabScript script;

    private Lab(LabScript script) {
        this.script = script;
    }

    /**
     * The lab of that name, up or not; "understudy" is the default one.
     *
     * @param home the root of the repository, where {@code lab/bin/lab} is
     */
    public static Lab named(String name, Path home) {
        return new Lab(new LabScript(home.resolve("lab/bin/lab"), name));
    }

    /** The repository that holds this process's working directory, or the one in the property understudy.home. */
    public static Lab named(String name) {
        return named(name, home());
    }

    public String name() {
        return script.lab();
    }

    /** The packages that this machine lacks for a lab, each with why it is needed; installs nothing. */
    public List<String> missingPackages() throws IOException {
        return script.run("setup", "--dry-run").lines().toList();
    }

    /** Installs what is missing, on Debian and Ubuntu. */
    public void setUpMachine() throws IOException {
        script.run("setup");
    }

    /** Starts the hosts; a lab that is up with as many hosts is left as it is. */
    public void up(int hosts) throws IOException {
        script.run("up", "--hosts", Integer.toString(hosts));
    }

    /**
     * As {@link #up(int)}, with some hosts of another system than the machine's own.
     *
     * @param kinds by the host's name: {@code trixie}, for one; see lab/README.md
     */
    public void up(int hosts, Map<String, String> kinds) throws IOException {
        List<String> words = new ArrayList<>(List.of("up", "--hosts", Integer.toString(hosts)));
        kinds.forEach((host, kind) -> words.addAll(List.of("--host", host + "=" + kind)));
        script.run(words.toArray(String[]::new));
    }

    /** As {@link #up(int)}, with storage of a size of its own on each host, a whole number of MiB. */
    public void up(int hosts, ByteCount storage) throws IOException {
        script.run("up", "--hosts", Integer.toString(hosts), "--storage-size", LabScript.mebibytes(storage));
    }

    /** Ends everything the lab started, whatever state it is in. */
    public void down() throws IOException {
        script.run("down");
    }

    public boolean isUp() throws IOException {
        return status().path("state").asText().equals("up");
    }

    /** Whether nothing of it is there, not even half. */
    public boolean isDown() throws IOException {
        return status().path("state").asText().equals("down");
    }

    /** The address of this machine in the lab, where a vault listens. */
    public String address() throws IOException {
        return status().path("address").asText();
    }

    public List<LabHost> hosts() throws IOException {
        List<LabHost> hosts = new ArrayList<>();
        status().path("hosts").forEach(host -> hosts.add(LabHost.of(script, host)));
        return hosts;
    }

    public LabHost host(String name) throws IOException {
        for (LabHost host : hosts()) {
            if (host.name().equals(name)) {
                return host;
            }
        }
        throw new IOException("the lab " + name() + " has no host " + name);
    }

    /** Caps the links of all hosts, both directions; the rate is bytes a second. */
    public void cap(ByteCount perSecond) throws IOException {
        script.run("link", "cap", Long.toString(perSecond.bytes()));
    }

    public void uncap() throws IOException {
        script.run("link", "cap", "none");
    }

    /** No packet passes between the hosts; this machine, and with it a vault, still reaches all of them. */
    public void cut() throws IOException {
        script.run("link", "cut");
    }

    /** Cuts one host off from everything. */
    public void cut(String host) throws IOException {
        script.run("link", "cut", host);
    }

    /** Undoes every cut. */
    public void heal() throws IOException {
        script.run("link", "heal");
    }

    public void heal(String host) throws IOException {
        script.run("link", "heal", host);
    }

    /**
     * Kills every process of the host at once and cuts it off; answers the moment before the kill, by this machine's
     * clock.
     */
    public Instant killSite(String host) throws IOException {
        JsonNode answer = LabScript.json(script.run("kill-site", host));
        return Instant.EPOCH.plus(answer.path("killedAtMicros").asLong(), ChronoUnit.MICROS);
    }

    /** The power of a killed site is back: libvirtd runs again, its VMs are off, the link is healed. */
    public void startSite(String host) throws IOException {
        script.run("start-site", host);
    }

    /** A command to be started inside a host's namespaces; the started process is the command's own. */
    public ProcessBuilder exec(String host, String... command) {
        List<String> words = new ArrayList<>(List.of("exec", host));
        words.addAll(List.of(command));
        return script.builder(words);
    }

    /** Creates a guest, starts it and waits for its HTTP answer. */
    public LabGuest createGuest(GuestSize size, String name, String host) throws IOException {
        script.run("guest", "create", name, "--host", host,
                "--memory", LabScript.mebibytes(size.memory()),
                "--disk-size", LabScript.mebibytes(size.firstDisk()),
                "--second-disk-size", LabScript.mebibytes(size.secondDisk()),
                "--rate", Integer.toString(size.recordsPerSecond()),
                "--firmware", size.uefi() ? "uefi" : "bios");
        return guest(name, host);
    }

    /** A guest of this lab as it runs on one host, also one that the product started there under another name. */
    public LabGuest guest(String name, String host) {
        return new LabGuest(script, name, host);
    }

    private JsonNode status() throws IOException {
        return LabScript.json(script.run("status", "--output", "json"));
    }

    private static Path home() {
        String told = System.getProperty("understudy.home");
        Path folder = Path.of(told == null ? "" : told).toAbsolutePath();
        while (!folder.resolve("lab/bin/lab").toFile().canExecute()) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException("lab/bin/lab is in no folder above; set -Dunderstudy.home");
            }
        }
        return folder;
    }
}
