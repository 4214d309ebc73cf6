package org.understudy.vault.inventory;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
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
    private final Database database;

    public InventoryStore(Database database) {
        this.database = database;
    }

    /** Replaces what a host has by what it reports. */
    public void replace(HostId host, Inventory inventory, Instant now) {
        database.transact(() -> {
            database.update("delete from machine where host = ?", host.value());
            for (VirtualMachine machine : inventory.machines()) {
                database.update("""
                        insert into machine (host, vm, name, description, reported_at) values (?, ?, ?, ?, ?)
                        """, host.value(), machine.id().value(), machine.name(), JsonColumn.of(machine), now);
            }
            database.update("delete from network where host = ?", host.value());
            for (VirtualNetwork network : inventory.networks()) {
                database.update("insert into network (host, name, description) values (?, ?, ?)",
                        host.value(), network.name(), JsonColumn.of(network));
            }
        });
    }

    /** All VMs, by name. */
    public List<ReportedMachine> machines() {
        return database.query("select * from machine order by name, host", InventoryStore::machine);
    }

    /** The VMs of that name or id; several when several hosts have one. */
    public List<ReportedMachine> named(String nameOrId) {
        List<ReportedMachine> ofId = switch (Reference.of(nameOrId)) {
            case Reference.ById(UUID id) -> database.query("select * from machine where vm = ? order by host",
                    InventoryStore::machine, id);
            case Reference.ByName _ -> List.of();
        };
        return !ofId.isEmpty() ? ofId : database.query("select * from machine where name = ? order by host",
                InventoryStore::machine, nameOrId);
    }

    /** A VM of a host. */
    public Optional<ReportedMachine> machine(HostId host, VmId vm) {
        return database.first("select * from machine where host = ? and vm = ?",
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
