package org.understudy.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.AgentProcess;
import org.understudy.lab.deployment.Await;

/**
 * An earlier version of the product, from a built checkout of its own, deployed in a lab as its own documents said. It
 * is driven by its own command line alone: nothing of this version has to understand it.
 */
final class EarlierProduct implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration INITIAL_REPLICATION = Duration.ofMinutes(5);
    private static final int END_SECONDS = 60;
    private static final int PORT = 8443;
    private static final List<String> HOSTS = List.of(Lab.STOCKHOLM, Lab.AMSTERDAM);

    private final Path home;
    private final Lab lab;
    private final Path folder;
    private final Map<String, Process> running = new TreeMap<>();

    private EarlierProduct(Path home, Lab lab, Path folder) {
        this.home = home;
        this.lab = lab;
        this.folder = folder;
    }

    /**
     * Starts it, until VMs can be protected.
     *
     * @param home the root of its checkout, built
     * @param folder where {@link org.understudy.lab.deployment.Deployment} will look for the vault's data afterwards
     */
    static EarlierProduct start(Path home, Lab lab, Path folder) throws IOException {
        EarlierProduct product = new EarlierProduct(home, lab, folder);
        try {
            product.startVault();
            for (String host : HOSTS) {
                product.startAgent(host);
            }
            product.pair();
            return product;
        } catch (IOException | RuntimeException failed) {
            product.close();
            throw failed;
        }
    }

    /**
     * None of it yet: for agents of hosts that are registered, beside a vault of this version.
     *
     * @param home the root of its checkout, built
     */
    static EarlierProduct agentsAlone(Path home, Lab lab, Path folder) {
        return new EarlierProduct(home, lab, folder);
    }

    /** Runs the agent of a host that is registered, until all is closed. */
    void runAgent(String host) throws IOException {
        run("agent-" + host, lab.exec(host, command("agent", "run", "--data", AgentProcess.DATA.toString())
                .toArray(String[]::new)));
    }

    /** Protects a VM and waits until its replica can take over. */
    void protect(String vm) throws IOException {
        Await.atMost(START).untilTrue("VM " + vm + " in the earlier vault's list",
                () -> ask("vm", "list", "-o", "json").contains("\"" + vm + "\""));
        ask("protect", vm);
        Await.atMost(INITIAL_REPLICATION).until("protection of " + vm + " by the earlier version",
                () -> item(vm), item -> item.path("state").asText().equals("Protected")
                        && !item.path("latestPoint").isMissingNode() && !item.path("latestPoint").isNull());
    }

    /** The item as its vault tells it. */
    JsonNode item(String vm) throws IOException {
        return new ObjectMapper().readTree(ask("item", "show", vm, "-o", "json"));
    }

    private void startVault() throws IOException {
        run("vault", new ProcessBuilder(command(
                "vault", "run", "--data", vaultFolder().toString(), "--address", lab.address() + ":" + PORT)));
        Await.atMost(START).untilTrue("the earlier vault", () -> Files.exists(vaultFolder().resolve("admin.token"))
                && !call(new ProcessBuilder(command("vault", "show")), true).isEmpty());
    }

    private void startAgent(String host) throws IOException {
        ask("site", "create", host);
        Path key = folder.resolve(host + ".key");
        ask("registration-key", "create", "--site", host, "--output", key.toString());
        call(lab.exec(host, command("agent", "register", "--key", key.toString(), "--name", host,
                "--data", AgentProcess.DATA.toString(), "--replication-address", lab.host(host).address())
                .toArray(String[]::new)), false);
        Files.delete(key);
        runAgent(host);
        Await.atMost(START).untilTrue("the socket folder of the earlier agent of " + host,
                () -> Files.exists(lab.host(host).outside(Path.of("/run/understudy"))));
        // Its administrators had to: it did not know that QEMU is another user.
        call(lab.exec(host, "chown", "libvirt-qemu:kvm", "/run/understudy"), false);
    }

    private void pair() throws IOException {
        for (String host : HOSTS) {
            Await.atMost(START).untilTrue("host " + host + " in the earlier vault's list",
                    () -> ask("host", "list", "-o", "json").contains("\"" + host + "\""));
            ask("cloud", "create", host + "-cloud", "--site", host, "--host", host);
        }
        ask("policy", "create", "every-second", "--every", "1");
        ask("pair", "create", "--source", "stockholm-cloud", "--target", "amsterdam-cloud", "--policy", "every-second");
        Await.atMost(START).untilTrue("the networks of both hosts", () -> {
            String networks = ask("network", "list", "-o", "json");
            return networks.contains("\"production\"") && networks.contains("\"recovery\"");
        });
        ask("network", "map", "--source-site", Lab.STOCKHOLM, "--source", "production",
                "--target-site", Lab.AMSTERDAM, "--target", "recovery");
    }

    private Path vaultFolder() {
        return folder.resolve("vault");
    }

    private String ask(String... words) throws IOException {
        return call(new ProcessBuilder(command(words)), false);
    }

    private String call(ProcessBuilder builder, boolean mayFail) throws IOException {
        builder.environment().putAll(environment());
        try {
            return Program.output(builder);
        } catch (IOException failed) {
            if (mayFail) {
                return "";
            }
            throw failed;
        }
    }

    private void run(String name, ProcessBuilder builder) throws IOException {
        builder.environment().putAll(environment());
        running.put(name, builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("earlier-" + name + ".log").toFile()).start());
    }

    private Map<String, String> environment() throws IOException {
        return Map.of("UNDERSTUDY_VAULT", "https://" + lab.address() + ":" + PORT,
                "UNDERSTUDY_CA_FILE", vaultFolder().resolve("authority.pem").toString(),
                "UNDERSTUDY_TOKEN_FILE", vaultFolder().resolve("admin.token").toString(),
                "UNDERSTUDY_NO_BUILD", "1");
    }

    private List<String> command(String... words) {
        List<String> command = new ArrayList<>(List.of(home.resolve("understudy").toString()));
        command.addAll(List.of(words));
        return command;
    }

    /** Ends all of it in order, as a service is stopped; its data stay. */
    @Override
    public void close() throws IOException {
        running.values().forEach(Process::destroy);
        try {
            for (Map.Entry<String, Process> process : running.entrySet()) {
                if (!process.getValue().waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                    process.getValue().destroyForcibly();
                    throw new IOException("the earlier " + process.getKey() + " did not end in order");
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            running.values().forEach(Process::destroyForcibly);
        }
        running.clear();
    }
}
