package org.understudy.vault.fleet;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.model.HostFact;
import org.understudy.model.HostId;
import org.understudy.vault.name.Missing;
import org.understudy.vault.name.Reference;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;
import org.understudy.workflow.sql.Row;

/** The table {@code host}, and who of them is heard of. */
public final class HostStore {
    private static final String SELECT =
            """
            select id, name, replication_address, replication_port, agent_version, registered_at, last_seen_at from host
            """;

    private final Database database;
    private final HostWatch watch;

    /** As the column {@code facts} holds them. */
    private record Found(List<HostFact> facts) {}

    public HostStore(Database database, HostWatch watch) {
        this.database = database;
        this.watch = watch;
    }

    /** What is known of the life of a host's agent. */
    public Presence presence(HostId host) {
        return watch.of(host);
    }

    /** By name. */
    public List<Host> list() {
        return database.query(SELECT + "order by name", HostStore::host);
    }

    public Optional<Host> find(HostId host) {
        return database.first(SELECT + "where id = ?", HostStore::host, host.value());
    }

    public Optional<Host> find(String name) {
        return database.first(SELECT + "where name = ?", HostStore::host, name);
    }

    /** The host that a request means, or NOT_FOUND. */
    public Host named(String nameOrId) {
        return Reference.resolve(nameOrId, id -> find(new HostId(id)), this::find)
                .orElseThrow(() -> Missing.none("host", nameOrId));
    }

    /** The host whose one good certificate has this fingerprint. */
    Optional<Host> findByCertificate(HostId host, String fingerprint) {
        return database.first(
                SELECT + "where id = ? and certificate = ?", HostStore::host, host.value(), fingerprint);
    }

    /** Writes a host that joins. */
    void register(HostId host, AgentEndpoint.Registration registration, String fingerprint, Instant now) {
        database.update(
                """
                insert into host (id, name, replication_address, replication_port, agent_version, certificate,
                                  registered_at)
                values (?, ?, ?, ?, ?, ?, ?)
                """,
                host.value(), registration.hostName(), registration.replicationAddress(),
                registration.replicationPort(), registration.version(), fingerprint, now);
    }

    /**
     * Writes a host that was set up anew: its certificate and version are those it comes with, its address stays the
     * one before until {@link #confirm}.
     */
    void registerAnew(HostId host, AgentEndpoint.Registration registration, String fingerprint, String peer,
            Instant now) {
        database.update("update host set agent_version = ?, certificate = ?, registered_at = ? where id = ?",
                registration.version(), fingerprint, now, host.value());
        database.update(
                """
                insert into host_anew (host, at, peer, replication_address, replication_port) values (?, ?, ?, ?, ?)
                on conflict (host) do update set at = excluded.at, peer = excluded.peer,
                    replication_address = excluded.replication_address, replication_port = excluded.replication_port
                """,
                host.value(), now, peer, registration.replicationAddress(), registration.replicationPort());
    }

    /** How a host came back that nobody has confirmed yet. */
    public Optional<HostAnew> anew(HostId host) {
        return database.first("select at, peer, replication_address, replication_port from host_anew where host = ?",
                row -> new HostAnew(row.instant("at"), row.text("peer"), row.text("replication_address"),
                        row.integer("replication_port")), host.value());
    }

    /** A person knows that it is still the same machine: its new address holds from now on. False if none waits. */
    public boolean confirm(HostId host) {
        return database.transact(() -> {
            database.update(
                    """
                    update host h set replication_address = a.replication_address,
                        replication_port = a.replication_port
                    from host_anew a where a.host = h.id and h.id = ?
                    """, host.value());
            return database.update("delete from host_anew where host = ?", host.value()) > 0;
        });
    }

    /** Its agent was heard of; written at most once in two seconds. */
    void seen(HostId host, Instant now) {
        database.update(
                """
                update host set last_seen_at = ?
                where id = ? and (last_seen_at is null or last_seen_at < ? or last_seen_at > ?)
                """,
                now, host.value(), now.minusSeconds(2), now);
        watch.heard(host);
    }

    void runs(HostId host, String version) {
        database.update("update host set agent_version = ? where id = ? and agent_version <> ?",
                version, host.value(), version);
    }

    /** What its agent found when it looked at the host, over what it found before. */
    void found(HostId host, AgentReport.HostFacts facts) {
        database.update("update host set facts = ? where id = ?",
                JsonColumn.of(new Found(facts.facts())), host.value());
    }

    /** What its agent found last; empty while it has not looked. */
    List<HostFact> facts(HostId host) {
        return database.first("select facts from host where id = ?",
                row -> row.json("facts", Found.class).facts(), host.value()).orElse(List.of());
    }

    /** Whether the agent's inventory is the one that is kept; if so, it is known to hold now. */
    boolean stillHas(HostId host, String digest, Instant now) {
        return database.update("update host set inventory_at = ? where id = ? and inventory_digest = ?",
                now, host.value(), digest) > 0;
    }

    /** The inventory of that digest was kept. */
    void has(HostId host, String digest, Instant now) {
        database.update("update host set inventory_digest = ?, inventory_at = ? where id = ?",
                digest, now, host.value());
    }

    /** Forgets a host: its certificate is worth nothing from now on. What still refers to it must be gone before. */
    public void delete(HostId host) {
        database.update("delete from host where id = ?", host.value());
    }

    private static Host host(Row row) {
        return new Host(new HostId(row.uuid("id")), row.text("name"), row.text("replication_address"),
                row.integer("replication_port"), row.text("agent_version"), row.instant("registered_at"),
                row.optionalInstant("last_seen_at"));
    }
}
