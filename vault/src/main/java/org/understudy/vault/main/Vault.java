package org.understudy.vault.main;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.vault.access.CertificateAuthority;
import org.understudy.vault.access.RegistrationKeyResource;
import org.understudy.vault.access.RegistrationKeyStore;
import org.understudy.vault.access.TokenResource;
import org.understudy.vault.access.TokenStore;
import org.understudy.vault.access.VaultIdentity;
import org.understudy.vault.audit.AuditResource;
import org.understudy.vault.audit.AuditStore;
import org.understudy.vault.database.DataFolder;
import org.understudy.vault.database.DatabaseConfig;
import org.understudy.vault.database.VaultDatabase;
import org.understudy.vault.feature.Features;
import org.understudy.vault.fleet.AgentResource;
import org.understudy.vault.fleet.CommandQueue;
import org.understudy.vault.fleet.HostStore;
import org.understudy.vault.fleet.HostWatch;
import org.understudy.vault.fleet.Listening;
import org.understudy.vault.fleet.MonotonicClock;
import org.understudy.vault.fleet.Registrar;
import org.understudy.vault.fleet.ReportDesk;
import org.understudy.vault.http.HttpsServer;
import org.understudy.vault.http.Resource;
import org.understudy.vault.inventory.SiteStore;
import org.understudy.vault.item.ProtectedItemStore;
import org.understudy.workflow.JobRunner;
import org.understudy.workflow.JobSignal;
import org.understudy.workflow.JobStore;
import org.understudy.workflow.Jobs;
import org.understudy.workflow.RunnerConfig;

/**
 * A running vault. Its folder holds {@code authority.key} and {@code authority.pem} (whom agents trust),
 * {@code admin.token}, and the database unless that is an external one. Closed in the reverse order of its start.
 */
public final class Vault implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Vault.class);

    private final VaultConfig config;
    private final Deque<Part> parts = new ArrayDeque<>();
    private VaultIdentity identity;
    private VaultDatabase database;
    private Housekeeping housekeeping;
    private int port;

    private interface Closing {
        void close() throws IOException;
    }

    private record Part(String name, Closing closing) {}

    private Vault(VaultConfig config) {
        this.config = config;
    }

    /** Starts a vault and returns when it answers. Whatever was started is closed again if that fails. */
    public static Vault start(VaultConfig config, Clock clock) throws IOException {
        return start(config, clock, MonotonicClock.SYSTEM);
    }

    /**
     * The same with another clock for the silence of hosts.
     *
     * @param time moves with {@code clock}, but never back
     */
    static Vault start(VaultConfig config, Clock clock, MonotonicClock time) throws IOException {
        Vault vault = new Vault(config);
        try {
            vault.wire(clock, new HostWatch(time));
            return vault;
        } catch (IOException | RuntimeException e) {
            vault.close();
            throw e;
        }
    }

    /** Opens the database, if it and the folder are those of one vault, or of none yet. */
    private VaultFolder openDatabase(DataFolder folder) throws IOException {
        var whole = new VaultFolder(folder, config.database() instanceof DatabaseConfig.Embedded);
        whole.requireWhole();
        database = VaultDatabase.open(config.database());
        closeLater("database", database::close);
        whole.requireSame(VaultIdentity.find(database.database()));
        return whole;
    }

    private void wire(Clock clock, HostWatch watch) throws IOException {
        DataFolder folder = DataFolder.open(config.data());
        closeLater("data folder", folder::close);
        // Before the database, which takes its time.
        HttpsServer.requireFree(config.address());
        VaultFolder whole = openDatabase(folder);
        var sql = database.database();
        identity = VaultIdentity.establish(sql, config.name(), clock);
        var authority = CertificateAuthority.open(
                folder.file("authority.key"), folder.file("authority.pem"), identity.name(), clock);
        var tokens = new TokenStore(sql, clock);
        tokens.establishAdmin(folder.file("admin.token"));
        whole.isFounded(identity);
        var keys = new RegistrationKeyStore(sql, identity.id(), clock);

        var audit = new AuditStore(sql, clock);
        var jobStore = new JobStore(sql);
        if (database.isEmbedded()) {
            // This vault holds the folder of the database: whoever else ran jobs in it is dead.
            jobStore.takeOverAll(clock.instant());
        }
        var jobSignal = new JobSignal();
        var jobs = new Jobs(jobStore, jobSignal, clock);
        var hosts = new HostStore(sql, watch);
        var commands = new CommandQueue(sql, jobs, watch, clock);

        var sites = new SiteStore(sql);
        var items = new ProtectedItemStore(sql);
        Features features = Features.wired(sql, hosts, commands, jobs, audit, clock);

        var runner = new JobRunner(jobStore, jobSignal, features.jobTypes(), clock,
                RunnerConfig.named("vault-" + UUID.randomUUID()));
        closeLater("job runner", runner::close);
        var desk = new ReportDesk(sql, hosts, commands, audit, features.reports(), clock);
        var registrar = new Registrar(sql, hosts, new Registrar.Desk(keys, authority, sites), audit, clock);
        List<Resource> resources = new ArrayList<>(List.of(
                new VaultResource(identity, database, () -> new VaultResource.Counts(
                        sites.count(), hosts.list().size(), items.count(), jobs.countActive()), clock,
                        new Readiness(sql, folder.path(), System::nanoTime)),
                new TokenResource(tokens),
                new RegistrationKeyResource(keys,
                        new RegistrationKeyResource.Issuer(identity, this::url, authority.certificatePem()),
                        new KeyPlaces(sites, hosts), clock),
                new AuditResource(audit),
                new AgentResource(hosts, registrar, commands, audit, desk, clock)));
        resources.addAll(features.resources());
        HttpsServer server = HttpsServer.start(config.address(),
                authority.serverIdentity(config.certifiedNames()), tokens, audit, clock, resources);
        closeLater("server", server::close);
        port = server.port();
        // Closed before the server: agents that wait for commands would hold it up.
        closeLater("command queue", commands::close);
        housekeeping = new Housekeeping(sql, clock, jobs, audit, keys, features.overdue());
        closeLater("housekeeping", housekeeping::close);
        housekeeping.start();
        listen(watch);
        runner.start();
        LOG.info("vault started name={} id={} url={}", identity.name(), identity.id(), url());
    }

    private void listen(HostWatch watch) {
        var listening = new Listening(watch, MonotonicClock.SYSTEM,
                () -> database.database().query("select 1 as one", row -> 1));
        closeLater("listening", listening::close);
        listening.start();
    }

    /** Where it is reached. */
    public URI url() {
        return config.url(port);
    }

    public int port() {
        return port;
    }

    public VaultIdentity identity() {
        return identity;
    }

    /** Where its database answers, for people. */
    public String databaseAddress() {
        return database.address();
    }

    /** The certificate by which its clients know it. */
    public Path authorityFile() {
        return config.data().resolve("authority.pem");
    }

    /** The administrator's token. */
    public Path tokenFile() {
        return config.data().resolve("admin.token");
    }

    /** What it does each hour, for a test whose hours are shorter. */
    Housekeeping housekeeping() {
        return housekeeping;
    }

    /** Runs something when the database has ended without having been asked to: the vault is of no use then. */
    void onLost(Runnable work) {
        database.onLost(work);
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            Part part = parts.pop();
            try {
                part.closing().close();
            } catch (IOException | RuntimeException e) {
                LOG.warn("part of the vault did not close part=\"{}\" reason=\"{}\"", part.name(), e.toString());
            }
        }
    }

    private void closeLater(String name, Closing closing) {
        parts.push(new Part(name, closing));
    }
}
