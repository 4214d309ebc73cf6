package org.understudy.vault.network;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.understudy.model.NetworkMappingId;
import org.understudy.model.SiteId;
import org.understudy.vault.name.Missing;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.Row;

/** The table {@code network_mapping}. */
public final class NetworkMappingStore {
    private final Database database;

    public NetworkMappingStore(Database database) {
        this.database = database;
    }

    /** Maps a network; an older mapping of it to the same site is replaced (N-06). */
    public NetworkMapping map(SiteId sourceSite, String sourceNetwork, SiteId targetSite, String targetNetwork) {
        return database.first("""
                insert into network_mapping (id, source_site, source_network, target_site, target_network)
                values (?, ?, ?, ?, ?)
                on conflict on constraint network_mapping_source
                    do update set target_network = excluded.target_network, version = network_mapping.version + 1
                returning *
                """, NetworkMappingStore::mapping,
                NetworkMappingId.random().value(), sourceSite.value(), sourceNetwork, targetSite.value(),
                targetNetwork).orElseThrow();
    }

    /** All mappings. */
    public List<NetworkMapping> list() {
        return database.query("select * from network_mapping order by source_network, id",
                NetworkMappingStore::mapping);
    }

    /** Source network to target network, of two sites. */
    public Map<String, String> between(SiteId source, SiteId target) {
        Map<String, String> mappings = new HashMap<>();
        database.query("select * from network_mapping where source_site = ? and target_site = ?",
                        NetworkMappingStore::mapping, source.value(), target.value())
                .forEach(mapping -> mappings.put(mapping.sourceNetwork(), mapping.targetNetwork()));
        return mappings;
    }

    /** Deletes the mapping of that id, or throws NOT_FOUND. */
    public void delete(NetworkMappingId mapping) {
        if (database.update("delete from network_mapping where id = ?", mapping.value()) == 0) {
            throw Missing.none("network mapping", mapping.toString());
        }
    }

    private static NetworkMapping mapping(Row row) {
        return new NetworkMapping(new NetworkMappingId(row.uuid("id")), new SiteId(row.uuid("source_site")),
                row.text("source_network"), new SiteId(row.uuid("target_site")), row.text("target_network"));
    }
}
