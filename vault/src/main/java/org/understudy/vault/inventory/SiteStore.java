package org.understudy.vault.inventory;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.understudy.model.HostId;
import org.understudy.model.SiteId;
import org.understudy.vault.fleet.HostAdmission;
import org.understudy.vault.name.Missing;
import org.understudy.vault.name.ObjectName;
import org.understudy.vault.name.Reference;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;
import org.understudy.workflow.sql.Row;

/** The tables {@code site} and {@code host_site}. */
public final class SiteStore implements HostAdmission {
    private final Database database;

    public SiteStore(Database database) {
        this.database = database;
    }

    /** Makes a site. */
    public Site create(ObjectName name) {
        Site site = new Site(SiteId.random(), name.value());
        try {
            database.update("insert into site (id, name) values (?, ?)", site.id().value(), site.name());
            return site;
        } catch (DatabaseException e) {
            throw e.violates("site_name") ? Missing.taken("site", name) : e;
        }
    }

    /** All sites, by name. */
    public List<Site> list() {
        return database.query("select * from site order by name", SiteStore::site);
    }

    /** The site of that id, or NOT_FOUND. */
    public Site get(SiteId site) {
        return find(site.value()).orElseThrow(() -> Missing.none("site", site.toString()));
    }

    /** The site that a request means, or NOT_FOUND. */
    public Site named(String nameOrId) {
        return Reference.resolve(nameOrId, this::find,
                        name -> database.first("select * from site where name = ?", SiteStore::site, name))
                .orElseThrow(() -> Missing.none("site", nameOrId));
    }

    /** The site of a host, if it was assigned to one. */
    public Optional<Site> of(HostId host) {
        return database.first("select s.* from site s join host_site h on h.site = s.id where h.host = ?",
                SiteStore::site, host.value());
    }

    /** The hosts of a site. */
    public List<HostId> hosts(SiteId site) {
        return database.query("select host from host_site where site = ?",
                row -> new HostId(row.uuid("host")), site.value());
    }

    /** A host that comes with the key of a site belongs to it at once; one that comes back stays where it is. */
    @Override
    public void admitted(HostId host, String site) {
        database.update("""
                insert into host_site (host, site) select ?, id from site where name = ? on conflict do nothing
                """, host.value(), site);
    }

    /** Assigns a host; a host in a cloud of another site is refused. */
    public void assign(HostId host, String hostName, Site site) {
        database.transact(() -> {
            database.lock("host", host.value());
            database.first("select c.name from cloud c join cloud_host h on h.cloud = c.id "
                            + "where h.host = ? and c.site <> ?",
                    row -> row.text("name"), host.value(), site.id().value())
                    .ifPresent(cloud -> {
                        throw Missing.used("host", hostName, "cloud " + cloud + " of another site");
                    });
            database.update("""
                    insert into host_site (host, site) values (?, ?)
                    on conflict (host) do update set site = excluded.site
                    """, host.value(), site.id().value());
        });
    }

    /** Deletes a site that has neither hosts nor clouds nor mappings (F-06). */
    public void delete(Site site) {
        UUID id = site.id().value();
        database.transact(() -> {
            database.lock("site", id);
            Missing.firstOf(List.of(
                    Missing.users("host", names("""
                            select h.name from host h join host_site s on s.host = h.id where s.site = ? order by 1
                            """, id)),
                    Missing.users("cloud", names("select name from cloud where site = ? order by 1", id)),
                    Missing.users("network mapping of", names("""
                            select source_network as name from network_mapping where ? in (source_site, target_site)
                            order by 1
                            """, id))))
                    .ifPresent(users -> {
                        throw Missing.used("site", site.name(), users);
                    });
            database.update("delete from site where id = ?", id);
        });
    }

    public int count() {
        return Math.toIntExact(
                database.first("select count(*) as sites from site", row -> row.number("sites")).orElseThrow());
    }

    private Optional<Site> find(UUID id) {
        return database.first("select * from site where id = ?", SiteStore::site, id);
    }

    private List<String> names(String sql, UUID id) {
        return database.query(sql, row -> row.text("name"), id);
    }

    private static Site site(Row row) {
        return new Site(new SiteId(row.uuid("id")), row.text("name"));
    }
}
