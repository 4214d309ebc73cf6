package org.understudy.vault.inventory;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.understudy.model.CloudId;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.SiteId;
import org.understudy.vault.name.Missing;
import org.understudy.vault.name.ObjectName;
import org.understudy.vault.name.Reference;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;
import org.understudy.workflow.sql.Row;

/** The tables {@code cloud} and {@code cloud_host}. */
public final class CloudStore {
    private final Database database;

    public CloudStore(Database database) {
        this.database = database;
    }

    /** Makes a cloud without hosts. */
    public Cloud create(ObjectName name, Site site) {
        CloudId id = CloudId.random();
        try {
            database.update("insert into cloud (id, name, site) values (?, ?, ?)",
                    id.value(), name.value(), site.id().value());
            return new Cloud(id, name.value(), site.id(), List.of());
        } catch (DatabaseException e) {
            throw e.violates("cloud_name") ? Missing.taken("cloud", name) : e;
        }
    }

    /** All clouds, by name. */
    public List<Cloud> list() {
        return database.transact(() -> database.query("select * from cloud order by name", this::cloud));
    }

    /** The cloud of that id, or NOT_FOUND. */
    public Cloud get(CloudId cloud) {
        return find(cloud.value()).orElseThrow(() -> Missing.none("cloud", cloud.toString()));
    }

    /** The cloud that a request means, or NOT_FOUND. */
    public Cloud named(String nameOrId) {
        return Reference.resolve(nameOrId, this::find, name -> database.transact(
                        () -> database.first("select * from cloud where name = ?", this::cloud, name)))
                .orElseThrow(() -> Missing.none("cloud", nameOrId));
    }

    /** The cloud that a host is in. */
    public Optional<Cloud> of(HostId host) {
        return database.transact(() -> database.first(
                "select c.* from cloud c join cloud_host h on h.cloud = c.id where h.host = ?",
                this::cloud, host.value()));
    }

    /** Puts a host into a cloud of its own site; a host is in one cloud at most. */
    public void add(Cloud cloud, HostId host, String hostName) {
        database.transact(() -> {
            database.lock("host", host.value());
            boolean sameSite = database.first("select 1 as found from host_site where host = ? and site = ?",
                    row -> true, host.value(), cloud.site().value()).isPresent();
            if (!sameSite) {
                throw FailureException.of(FailureCode.REQUEST_INVALID,
                        "host " + hostName + " is not of the site of cloud " + cloud.name(),
                        "Assign the host to that site first, or use a cloud of its own site.");
            }
            of(host).filter(other -> !other.id().equals(cloud.id())).ifPresent(other -> {
                throw Missing.used("host", hostName, "cloud " + other.name());
            });
            database.update("insert into cloud_host (host, cloud) values (?, ?) on conflict do nothing",
                    host.value(), cloud.id().value());
        });
    }

    /** Takes a host out of a cloud, unless an item replicates from or to it. */
    public void remove(Cloud cloud, HostId host, String hostName) {
        database.transact(() -> {
            database.lock("host", host.value());
            Missing.users("protected item", items(host)).ifPresent(users -> {
                throw Missing.used("host", hostName, users);
            });
            int removed = database.update("delete from cloud_host where host = ? and cloud = ?",
                    host.value(), cloud.id().value());
            if (removed == 0) {
                throw Missing.none("host of cloud " + cloud.name(), hostName);
            }
        });
    }

    /** Deletes a cloud that is in no pair. */
    public void delete(Cloud cloud) {
        database.transact(() -> {
            database.lock("cloud", cloud.id().value());
            Missing.users("cloud pair", database.query(
                    "select name from cloud_pair where ? in (source, target) order by 1",
                    row -> row.text("name"), cloud.id().value())).ifPresent(users -> {
                        throw Missing.used("cloud", cloud.name(), users);
                    });
            database.update("delete from cloud where id = ?", cloud.id().value());
        });
    }

    private Optional<Cloud> find(UUID id) {
        return database.transact(() -> database.first("select * from cloud where id = ?", this::cloud, id));
    }

    private List<String> items(HostId host) {
        return database.query("""
                select i.name from protected_item i
                    join relationship r on r.item = i.id and r.generation = i.generation
                where ? in (r.source_host, r.target_host) order by 1
                """, row -> row.text("name"), host.value());
    }

    private Cloud cloud(Row row) {
        UUID id = row.uuid("id");
        return new Cloud(new CloudId(id), row.text("name"), new SiteId(row.uuid("site")), database.query(
                "select host from cloud_host where cloud = ?", host -> new HostId(host.uuid("host")), id));
    }
}
