package org.understudy.vault.item;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentCommand.ReplicaDisk;
import org.understudy.model.CloudPairId;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.NetworkAdapter;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VmId;
import org.understudy.vault.name.Missing;
import org.understudy.vault.name.Reference;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;
import org.understudy.workflow.sql.JsonColumn;
import org.understudy.workflow.sql.Row;

/**
 * The table {@code protected_item}. A change is durable before anything follows from it, and said in one log line after
 * that. Two writers never overwrite each other: each names the version it knew.
 */
public final class ProtectedItemStore {
    private static final Logger LOG = LoggerFactory.getLogger(ProtectedItemStore.class);

    private final Database database;

    public ProtectedItemStore(Database database) {
        this.database = database;
    }

    /** Writes a new item, or throws VM_ALREADY_PROTECTED. */
    public void insert(ProtectedItem item, Instant now) {
        try {
            database.update("""
                    insert into protected_item (id, vm, name, disks, adapters, pair, source_host, target_host,
                        generation, state, state_facts, version, created_at, changed_at)
                    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    item.id().value(), item.machine().vm().value(), item.name(),
                    JsonColumn.of(item.machine().disks()), JsonColumn.of(item.machine().adapters()),
                    item.route().pair().value(), item.route().source().value(), item.route().target().value(),
                    item.generation(), item.state().name(), JsonColumn.of(item.state()), item.version(), now, now);
        } catch (DatabaseException e) {
            throw e.violates("protected_item_vm") ? alreadyProtected(item.name(), item.machine().vm()) : e;
        }
        database.afterCommit(() -> LOG.info("protection began item={} vm={} name={} state={}",
                item.id(), item.machine().vm(), item.name(), item.state().name()));
    }

    /**
     * Replaces the item of version {@code expectedVersion} by its next value.
     *
     * @param reason for the log: what caused it, as {@code job=…}
     */
    public ProtectedItem replace(ProtectedItem next, long expectedVersion, String reason, Instant now) {
        String before = database.first("select state from protected_item where id = ?",
                row -> row.text("state"), next.id().value()).orElse("nothing");
        int changed = database.update("""
                update protected_item set target_host = ?, generation = ?, state = ?, state_facts = ?, version = ?,
                    changed_at = ?
                where id = ? and version = ?
                """,
                next.route().target().value(), next.generation(), next.state().name(), JsonColumn.of(next.state()),
                next.version(), now,
                next.id().value(), expectedVersion);
        if (changed == 0) {
            throw FailureException.of(FailureCode.OPERATION_IN_PROGRESS,
                    "item " + next.name() + " was changed by somebody else meanwhile", "Look at it again and repeat.");
        }
        database.afterCommit(() -> LOG.info("protection of item={} name={} moved from {} to {} because {}",
                next.id(), next.name(), before, next.state().name(), reason));
        return next;
    }

    /** When the item came into its state, or changed last within it. */
    public Optional<Instant> changedAt(ItemId item) {
        return database.first("select changed_at from protected_item where id = ?",
                row -> row.instant("changed_at"), item.value());
    }

    /** The item is gone; the reports on it as well. */
    public void delete(ProtectedItem item, String reason) {
        database.update("delete from protected_item where id = ?", item.id().value());
        database.afterCommit(() -> LOG.info("protection ended item={} name={} because {}",
                item.id(), item.name(), reason));
    }

    /** The item, not to be changed by others until the end of the thread's transaction; NOT_FOUND when it is gone. */
    public ProtectedItem lock(ItemId item) {
        return database.first("select * from protected_item where id = ? for update",
                ProtectedItemStore::item, item.value())
                .orElseThrow(() -> Missing.none("protected item", item.toString()));
    }

    /** All items, by name. */
    public List<ProtectedItem> list() {
        return database.query("select * from protected_item order by name, id", ProtectedItemStore::item);
    }

    /** The item of that id or of the VM of that name; NOT_FOUND, or REQUEST_INVALID when several have the name. */
    public ProtectedItem named(String nameOrId) {
        Optional<ProtectedItem> ofId = switch (Reference.of(nameOrId)) {
            case Reference.ById(UUID id) -> find(new ItemId(id));
            case Reference.ByName _ -> Optional.empty();
        };
        return ofId.orElseGet(() -> ofName(nameOrId));
    }

    /** The item of that id, or NOT_FOUND. */
    public ProtectedItem get(ItemId item) {
        return find(item).orElseThrow(() -> Missing.none("protected item", item.toString()));
    }

    private ProtectedItem ofName(String nameOrId) {
        List<ProtectedItem> found = database.query("select * from protected_item where name = ? order by id",
                ProtectedItemStore::item, nameOrId);
        if (found.size() > 1) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "several protected items are named \"" + nameOrId
                    + "\": " + String.join(", ", found.stream().map(item -> item.id().toString()).toList()),
                    "Use the id of one.");
        }
        return found.stream().findFirst().orElseThrow(() -> Missing.none("protected item", nameOrId));
    }

    public Optional<ProtectedItem> find(ItemId item) {
        return database.first("select * from protected_item where id = ?", ProtectedItemStore::item, item.value());
    }

    public Optional<ProtectedItem> of(VmId vm) {
        return database.first("select * from protected_item where vm = ?", ProtectedItemStore::item, vm.value());
    }

    /**
     * The names and adapters of VMs as their source reported them last: an item follows the name of its VM, and new
     * adapters are attached as well (N-05).
     */
    public void machinesChanged(HostId source, List<VirtualMachine> machines) {
        ArrayNode told = JsonColumn.mapper().createArrayNode();
        machines.forEach(machine -> told.addObject().put("vm", machine.id().toString())
                .put("name", machine.name()).set("adapters", JsonColumn.mapper().valueToTree(machine.adapters())));
        database.update("""
                update protected_item i set adapters = heard->'adapters', name = heard->>'name'
                from jsonb_array_elements(?) heard
                where i.source_host = ? and i.vm = (heard->>'vm')::uuid
                    and (i.adapters <> heard->'adapters' or i.name <> heard->>'name')
                """, JsonColumn.of(told), source.value());
    }

    /** Both agents of the item were told that of their relationship. */
    public void told(ItemId item, String words) {
        database.update("update protected_item set told = ? where id = ?", words, item.value());
    }

    /** What both agents were told last. */
    public Optional<String> told(ItemId item) {
        return database.first("select told from protected_item where id = ?",
                row -> row.optionalText("told"), item.value()).flatMap(words -> words);
    }

    /** A test failover and its clean-up have succeeded (HL-10). */
    public void tested(ItemId item, Instant when) {
        database.update("update protected_item set last_test = ? where id = ?", when, item.value());
    }

    public Optional<Instant> lastTest(ItemId item) {
        return database.first("select last_test from protected_item where id = ?",
                row -> row.optionalInstant("last_test"), item.value()).flatMap(test -> test);
    }

    /** How many replicas a host holds. */
    public int replicas(HostId target) {
        return Math.toIntExact(database.first("select count(*) as items from protected_item where target_host = ?",
                row -> row.number("items"), target.value()).orElseThrow());
    }

    /** The names of the items that replicate from or to a host. */
    public List<String> namesOn(HostId host) {
        return database.query("select name from protected_item where ? in (source_host, target_host) order by 1",
                row -> row.text("name"), host.value());
    }

    public int count() {
        return Math.toIntExact(
                database.first("select count(*) as items from protected_item", row -> row.number("items"))
                        .orElseThrow());
    }

    private static FailureException alreadyProtected(String name, VmId vm) {
        return FailureException.of(FailureCode.VM_ALREADY_PROTECTED,
                "virtual machine " + name + " (" + vm + ") is protected already");
    }

    private static ProtectedItem item(Row row) {
        ProtectedItem.Machine machine = new ProtectedItem.Machine(new VmId(row.uuid("vm")), row.text("name"),
                List.of(row.json("disks", ReplicaDisk[].class)), List.of(row.json("adapters", NetworkAdapter[].class)));
        ProtectedItem.Route route = new ProtectedItem.Route(new CloudPairId(row.uuid("pair")),
                new HostId(row.uuid("source_host")), new HostId(row.uuid("target_host")));
        return new ProtectedItem(new ItemId(row.uuid("id")), machine, route, row.number("generation"),
                row.json("state_facts", ProtectionState.class), row.number("version"));
    }
}
