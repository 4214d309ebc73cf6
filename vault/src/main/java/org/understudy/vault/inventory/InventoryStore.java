package org.understudy.vault.inventory;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.UUID;
import org.understudy.command.AgentReport.Inventory;
import org.understudy.model.HostId;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualNetwork;
import org.understudy.model.VmId;
import org.understudy.vault.name.Reference;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;
import org.understudy.workflow.sql.Row;

/** The tables {@code machine} and {@code network}: what each host reported last, kept while it is silent. */
public final class InventoryStore {
    /** A VM is as it was reported for as long as its host's agent says that its inventory still holds. */
    private static final String MACHINES = """
            select m.host, m.description, greatest(m.reported_at, h.inventory_at) as reported_at
            from machine m join host h on h.id = m.host
            """;

    private final Database database;

    public InventoryStore(Database database) {
        this.database = database;
    }

    /** Replaces what a host has by what it reports; rows that say the same already are not written. */
    public void replace(HostId host, Inventory inventory, Instant now) {
        ArrayNode machines = rows(inventory.machines(), machine -> machine.id().toString());
        ArrayNode networks = rows(inventory.networks(), VirtualNetwork::name);
        database.transact(() -> {
            database.update("""
                    delete from machine where host = ?
                        and vm not in (select (heard->>'key')::uuid from jsonb_array_elements(?) heard)
                    """, host.value(), JsonColumn.of(machines));
            database.update("""
                    insert into machine (host, vm, name, description, reported_at)
                    select ?, (heard->>'key')::uuid, heard->'row'->>'name', heard->'row', ?
                        from jsonb_array_elements(?) heard
                    on conflict (host, vm) do update set name = excluded.name, description = excluded.description,
                        reported_at = excluded.reported_at
                    where machine.description <> excluded.description
                    """, host.value(), now, JsonColumn.of(machines));
            database.update("""
                    delete from network where host = ?
                        and name not in (select heard->>'key' from jsonb_array_elements(?) heard)
                    """, host.value(), JsonColumn.of(networks));
            database.update("""
                    insert into network (host, name, description)
                    select ?, heard->>'key', heard->'row' from jsonb_array_elements(?) heard
                    on conflict (host, name) do update set description = excluded.description
                    where network.description <> excluded.description
                    """, host.value(), JsonColumn.of(networks));
        });
    }

    /** The last of several with one key counts: libvirt's ids are unique, a hostile agent's may not be. */
    private static <T> ArrayNode rows(List<T> things, Function<T, String> key) {
        Map<String, T> byKey = new LinkedHashMap<>();
        things.forEach(thing -> byKey.put(key.apply(thing), thing));
        ArrayNode rows = JsonColumn.mapper().createArrayNode();
        byKey.forEach((word, thing) -> rows.addObject().put("key", word)
                .set("row", JsonColumn.mapper().valueToTree(thing)));
        return rows;
    }

    /** All VMs, by name. */
    public List<ReportedMachine> machines() {
        return database.query(MACHINES + "order by m.name, m.host", InventoryStore::machine);
    }

    /** The VMs of that name or id; several when several hosts have one. */
    public List<ReportedMachine> named(String nameOrId) {
        List<ReportedMachine> ofId = switch (Reference.of(nameOrId)) {
            case Reference.ById(UUID id) -> database.query(MACHINES + "where m.vm = ? order by m.host",
                    InventoryStore::machine, id);
            case Reference.ByName _ -> List.of();
        };
        return !ofId.isEmpty() ? ofId : database.query(MACHINES + "where m.name = ? order by m.host",
                InventoryStore::machine, nameOrId);
    }

    /** A VM of a host. */
    public Optional<ReportedMachine> machine(HostId host, VmId vm) {
        return database.first(MACHINES + "where m.host = ? and m.vm = ?",
                InventoryStore::machine, host.value(), vm.value());
    }

    /** The networks of all hosts, by name. */
    public List<ReportedNetwork> networks() {
        return database.query("select * from network order by name, host", row ->
                new ReportedNetwork(new HostId(row.uuid("host")), row.json("description", VirtualNetwork.class)));
    }

    /** The networks of a host. */
    public List<VirtualNetwork> networks(HostId host) {
        return database.query("select * from network where host = ? order by name",
                row -> row.json("description", VirtualNetwork.class), host.value());
    }

    private static ReportedMachine machine(Row row) {
        return new ReportedMachine(new HostId(row.uuid("host")), row.json("description", VirtualMachine.class),
                row.instant("reported_at"));
    }
}
