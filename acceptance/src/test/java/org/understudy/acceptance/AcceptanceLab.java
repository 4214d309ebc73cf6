package org.understudy.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.understudy.api.HostView;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.VaultClient;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.AgentProcess;
import org.understudy.lab.deployment.Await;
import org.understudy.lab.deployment.Deployment;
import org.understudy.model.ByteCount;

/**
 * The product on real libvirt hosts for a test class: a lab of two, a vault, an agent in each host, one guest that
 * writes at stockholm. Classes that name the same lab find what the class before them left; there is one lab at a time,
 * and the last one ends with the run. When a test fails, the ends of the logs are printed; its lab is not used again.
 */
final class AcceptanceLab implements BeforeAllCallback, AfterTestExecutionCallback {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(AcceptanceLab.class);
    private static final GuestSize USUAL = GuestSize.SMALL.withDisks(
            ByteCount.ofMebibytes(192), ByteCount.ofMebibytes(96));
    /** For what takes seconds on a quiet machine. */
    static final Duration SOON = Duration.ofSeconds(60);

    private static final Duration JOB = Duration.ofMinutes(Math.max(4, Integer.getInteger("understudy.patience", 2)));
    private static final Duration INITIAL_REPLICATION =
            Duration.ofMinutes(Math.max(4, Integer.getInteger("understudy.patience", 2)));

    private final String name;
    private final GuestSize size;
    private final Map<String, String> kinds;
    private RunningProduct running;

    private AcceptanceLab(String name, GuestSize size, Map<String, String> kinds) {
        this.name = name;
        this.size = size;
        this.kinds = Map.copyOf(kinds);
    }

    /** A lab with the usual guest. */
    static AcceptanceLab named(String name) {
        return new AcceptanceLab(name, USUAL, Map.of());
    }

    /** With another guest; classes that name one lab all ask for the same. */
    AcceptanceLab withGuest(GuestSize other) {
        return new AcceptanceLab(name, other, kinds);
    }

    /** With a host of another system than the machine's own, as lab/README.md names them. */
    AcceptanceLab withHost(String host, String kind) {
        return new AcceptanceLab(name, size, Map.of(host, kind));
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        Machine.requireRootAndPrograms();
        running = context.getRoot().getStore(STORE)
                .getOrComputeIfAbsent("current", key -> new CurrentProduct(), CurrentProduct.class)
                .named(name, size, kinds);
    }

    @Override
    public void afterTestExecution(ExtensionContext context) throws IOException {
        if (context.getExecutionException().isPresent()) {
            running.printLogs();
            running.spoil();
        }
    }

    Deployment deployment() {
        return running.deployment();
    }

    Lab lab() {
        return running.deployment().lab();
    }

    VaultClient vault() {
        return running.deployment().client();
    }

    /** The name of the VM. */
    String vm() {
        return RunningProduct.VM;
    }

    /** The VM as it runs at its source. */
    LabGuest guest() {
        return lab().guest(vm(), Lab.STOCKHOLM);
    }

    /** Protects the VM, if that was not done, and waits until it can be failed over. */
    ItemView protect() throws IOException {
        boolean known = vault().items().stream().anyMatch(item -> item.name().equals(vm()));
        if (!known) {
            deployment().protect(vm());
        }
        return deployment().awaitProtected(vm(), INITIAL_REPLICATION);
    }

    ItemView item() {
        return vault().item(vm());
    }

    /** Waits until a job has ended well. */
    JobView succeeded(JobView job) throws IOException {
        return awaited(job, JobView.State.SUCCEEDED);
    }

    /** Waits until a job waits for a person. */
    JobView suspended(JobView job) throws IOException {
        return awaited(job, JobView.State.SUSPENDED);
    }

    /** Ends an agent in order. */
    void stopAgent(String host) throws IOException {
        deployment().agent(host).stop();
    }

    /** Ends both agents and starts them under another umask; returns when the vault hears them. */
    void restartAgents(String umask) throws IOException {
        for (String host : Deployment.HOSTS) {
            stopAgent(host);
            deployment().agent(host).start(umask);
            deployment().awaitConnected(host);
        }
    }

    /** Starts it again; returns when the vault hears it. */
    void startAgent(String host) throws IOException {
        deployment().agent(host).start();
        deployment().awaitConnected(host);
    }

    /** Has the product's agent of a host run with a witness from now on, on the same folder. */
    void replaceAgentByWitness(String host, WitnessNotes notes) throws IOException {
        replaceAgent(host, WitnessAgent.command(notes));
    }

    /** Has another agent run on the folder of a host's agent from now on, until {@link #stopWitness}. */
    void replaceAgent(String host, List<String> command) throws IOException {
        stopAgent(host);
        running.startWitness(lab().exec(host, command.toArray(String[]::new)));
        Await.atMost(JOB).until("the report of the agent of " + host, () -> vault().host(host), HostView::connected);
    }

    void stopWitness() throws IOException {
        running.stopWitness();
    }

    /** The whole host is gone; no later class uses this lab. */
    void killSite(String host) throws IOException {
        running.spoil();
        lab().killSite(host);
    }

    /** The folder of a host's replicas, seen from outside the host. */
    Path replicas(String host) throws IOException {
        return lab().host(host).outside(AgentProcess.DATA.resolve("replicas"));
    }

    /** The replica's own disks at the target. */
    List<Path> replicaDisks() throws IOException {
        Path folder = replicas(Lab.AMSTERDAM).resolve(item().id().toString());
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".raw")).sorted(Comparator.naturalOrder()).toList();
        }
    }

    /** A connection to the vault's database, by what the vault's folder says of it. */
    Connection connectToDatabase() throws IOException, SQLException {
        Path data = deployment().vault().tokenFile().getParent();
        String port = Files.readString(data.resolve("postgres.port")).strip();
        String password = Files.readString(data.resolve("postgres.password")).strip();
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "understudy", password);
    }

    private JobView awaited(JobView job, JobView.State wanted) throws IOException {
        JobView ended = deployment().awaitJob(job.id(), JOB);
        if (ended.state() != wanted) {
            throw new AssertionError("job " + ended.name() + " is " + ended.state() + ", not " + wanted);
        }
        return ended;
    }

    /** The product that runs now, if any does; another lab ends it. */
    private static final class CurrentProduct implements AutoCloseable {
        private RunningProduct product;

        RunningProduct named(String name, GuestSize size, Map<String, String> kinds) {
            try {
                if (product != null && (!product.name().equals(name) || product.isSpoiled())) {
                    close();
                }
                if (product == null) {
                    product = RunningProduct.start(name, size, kinds);
                }
                return product;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        @Override
        public void close() throws IOException {
            RunningProduct ended = product;
            product = null;
            if (ended != null) {
                ended.close();
            }
        }
    }
}
