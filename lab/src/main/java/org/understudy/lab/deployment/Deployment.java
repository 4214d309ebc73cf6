package org.understudy.lab.deployment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.understudy.api.CloudPairRequest;
import org.understudy.api.CloudRequest;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.MachineView;
import org.understudy.api.NetworkMappingRequest;
import org.understudy.api.PolicyRequest;
import org.understudy.api.ProtectRequest;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.api.VaultClient;
import org.understudy.lab.Lab;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.JobId;

/**
 * The product in a lab of two hosts that is up: a vault on this machine, an agent in each host, a client that asks.
 *
 * <p>Each host is the one host of a site of its name, and of the cloud {@code <name>-cloud}. The vault's data, the
 * registration keys and all logs are in one folder; the agents' data are on their hosts. Whatever waits here gives up
 * at its deadline and says what it saw last. Not for several threads.
 */
public final class Deployment implements AutoCloseable {
    /** The hosts, source first. */
    public static final List<String> HOSTS = List.of(Lab.STOCKHOLM, Lab.AMSTERDAM);

    private static final Duration START = Duration.ofSeconds(90);
    private static final String SOURCE_NETWORK = "production";
    private static final String TARGET_NETWORK = "recovery";

    private final Lab lab;
    private final Path folder;
    private final VaultProcess vault;
    private final Map<String, AgentProcess> agents = new LinkedHashMap<>();
    private VaultClient client;

    /**
     * Starts nothing yet.
     *
     * @param lab up, with two hosts
     * @param home the root of the repository; the product is built
     * @param folder for the vault's data, keys and logs; neither under {@code /run} nor under {@code /var/lib/libvirt},
     *     of which each host has its own
     */
    public Deployment(Lab lab, Path home, Path folder) throws IOException {
        this.lab = lab;
        this.folder = folder;
        Launcher launcher = new Launcher(home);
        vault = new VaultProcess(launcher, lab.address(), folder.resolve("vault"), log("vault"));
        for (String host : HOSTS) {
            agents.put(host, new AgentProcess(launcher, lab, host, log("agent-" + host)));
        }
    }

    /** Everything until VMs can be protected. */
    public static Deployment start(Lab lab, Path home, Path folder, PolicyRequest policy) throws IOException {
        Deployment deployment = new Deployment(lab, home, folder);
        try {
            deployment.startVault();
            deployment.startAgents();
            deployment.pair(policy);
            return deployment;
        } catch (IOException | RuntimeException failed) {
            deployment.close();
            throw failed;
        }
    }

    public Lab lab() {
        return lab;
    }

    public VaultProcess vault() {
        return vault;
    }

    public AgentProcess agent(String host) {
        return agents.get(host);
    }

    /** Asks the vault as its administrator; also across its restarts. */
    public VaultClient client() {
        return client;
    }

    public Path logs() {
        return folder.resolve("logs");
    }

    /** By which the command line finds this vault. */
    public Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("UNDERSTUDY_VAULT", vault.url().toString());
        environment.put("UNDERSTUDY_CA_FILE", vault.authorityFile().toString());
        environment.put("UNDERSTUDY_TOKEN_FILE", vault.tokenFile().toString());
        return environment;
    }

    public void startVault() throws IOException {
        vault.start(START);
        client = vault.connect();
    }

    /** Makes the sites, registers an agent in each, and waits until the vault hears both. */
    public void startAgents() throws IOException {
        for (AgentProcess agent : agents.values()) {
            client.createSite(agent.host());
            Path key = key(agent.host());
            agent.register(key);
            Files.delete(key);
            agent.start();
        }
        for (String host : HOSTS) {
            awaitConnected(host);
        }
    }

    /** Clouds, the policy, the pair and the network mapping. */
    public void pair(PolicyRequest policy) throws IOException {
        for (String host : HOSTS) {
            client.createCloud(new CloudRequest(cloud(host), host, List.of(host)));
        }
        client.createPolicy(policy);
        client.createCloudPair(new CloudPairRequest(
                Optional.empty(), cloud(Lab.STOCKHOLM), cloud(Lab.AMSTERDAM), policy.name()));
        awaitNetwork(Lab.STOCKHOLM, SOURCE_NETWORK);
        awaitNetwork(Lab.AMSTERDAM, TARGET_NETWORK);
        client.mapNetwork(new NetworkMappingRequest(
                Lab.STOCKHOLM, SOURCE_NETWORK, Lab.AMSTERDAM, TARGET_NETWORK));
    }

    /** Waits until the vault knows the VM and then protects it; initial replication goes on behind this. */
    public ItemView protect(String vm) throws IOException {
        Await.atMost(START).until("VM " + vm + " among those that can be protected",
                () -> client.machines(Optional.of(Lab.STOCKHOLM)), machines -> protectable(machines, vm));
        JobView job = awaitJob(client.protect(ProtectRequest.of(vm)).id(), START);
        return client.item(job.object().orElseThrow().id());
    }

    /** Waits until initial replication is over and the replica can take over. */
    public ItemView awaitProtected(String item, Duration atMost) throws IOException {
        return awaitItem(item, "protection of " + item, seen -> seen.state().equals("Protected")
                && seen.latestPoint().isPresent(), atMost);
    }

    public ItemView awaitItem(String item, String what, Predicate<ItemView> enough, Duration atMost)
            throws IOException {
        return Await.atMost(atMost).until(what, () -> client.item(item), enough);
    }

    /** Waits until the job has ended well or is suspended for a person; another end is its failure. */
    public JobView awaitJob(JobId id, Duration atMost) throws IOException {
        JobView job = Await.atMost(atMost).until("the end of job " + id, () -> client.job(id),
                seen -> seen.state().isEnded() || seen.state() == JobView.State.SUSPENDED);
        if (job.state() == JobView.State.FAILED || job.state() == JobView.State.CANCELLED) {
            throw job.error().map(error -> error.asException()).orElseGet(() -> FailureException.of(
                    FailureCode.CANCELLED, "job " + job.name() + " (" + id + ") ended as " + job.state()));
        }
        return job;
    }

    /** Waits until the vault hears the host's agent. */
    public void awaitConnected(String host) throws IOException {
        Await.atMost(START).until("the agent of " + host + " to report (see " + agent(host).log() + ")", () -> {
            agent(host).requireRunning();
            return client.host(host);
        }, seen -> seen.connected());
    }

    /** Ends agents and vault in order; tries all of them. The lab stays. */
    @Override
    public void close() throws IOException {
        IOException first = null;
        for (AgentProcess agent : agents.values()) {
            first = closing(agent::close, first);
        }
        if (client != null) {
            client.close();
        }
        first = closing(vault::close, first);
        if (first != null) {
            throw first;
        }
    }

    private interface Closing {
        void close() throws IOException;
    }

    private static IOException closing(Closing closing, IOException before) {
        try {
            closing.close();
            return before;
        } catch (IOException failed) {
            if (before == null) {
                return failed;
            }
            before.addSuppressed(failed);
            return before;
        }
    }

    private void awaitNetwork(String site, String network) throws IOException {
        Await.atMost(START).until("network " + network + " of " + site, () -> client.networks(Optional.of(site)),
                seen -> seen.stream().anyMatch(found -> found.name().equals(network)));
    }

    private static boolean protectable(List<MachineView> machines, String vm) {
        return machines.stream().filter(found -> found.machine().name().equals(vm))
                .anyMatch(found -> found.readinessErrors().isEmpty());
    }

    /** A registration key's file, for its owner alone. */
    private Path key(String site) throws IOException {
        String content = client.createRegistrationKey(
                new RegistrationKeyRequest(Optional.of(site), Optional.empty())).file();
        Path key = Files.createDirectories(folder.resolve("keys")).resolve(site + ".key");
        Files.deleteIfExists(key);
        Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(key, content);
    }

    private Path log(String name) {
        return logs().resolve(name + ".log");
    }

    private static String cloud(String host) {
        return host + "-cloud";
    }
}
