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
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VmId;
import org.understudy.vault.name.Missing;
import org.understudy.vault.name.Reference;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;
import org.understudy.workflow.sql.JsonColumn;
import org.understudy.workflow.sql.Row;

/**
 * The table {@code protected_item}, and all but the reports of {@code relationship}: of an item one direction is
 * current, and those before it are its history. A change is durable before anything follows from it, and said in one
 * log line after that. Two writers never overwrite each other: each names the version it knew.
 */
public final class ProtectedItemStore {
    private static final Logger LOG = LoggerFactory.getLogger(ProtectedItemStore.class);

    /** Of {@code state_facts}; see docs/formats/versions.md. */
    private static final int STATE_FORMAT = 1;
    /** Items with the hosts of their current direction. */
    private static final String ITEMS = """
            select i.*, r.source_host, r.target_host
            from protected_item i join relationship r on r.item = i.id and r.generation = i.generation
            """;

    private final Database database;

    public ProtectedItemStore(Database database) {
        this.database = database;
    }

    /** Writes a new item, or throws VM_ALREADY_PROTECTED. */
    public void insert(ProtectedItem item, Instant now) {
        try {
            database.transact(() -> {
                database.update("""
                        insert into protected_item (id, vm, name, disks, adapters, pair, generation, state, state_facts,
                            version, created_at, changed_at)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                        item.id().value(), item.machine().vm().value(), item.name(),
                        JsonColumn.of(item.machine().disks()), JsonColumn.of(item.machine().adapters()),
                        item.route().pair().value(), item.generation(), item.state().name(),
                        JsonColumn.of(item.state(), STATE_FORMAT), item.version(), now, now);
                makeCurrent(item, now);
            });
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
        database.transact(() -> {
            int changed = database.update("""
                    update protected_item set generation = ?, state = ?, state_facts = ?, version = ?, changed_at = ?
                    where id = ? and version = ?
                    """,
                    next.generation(), next.state().name(), JsonColumn.of(next.state(), STATE_FORMAT), next.version(),
                    now, next.id().value(), expectedVersion);
            if (changed == 0) {
                throw FailureException.of(FailureCode.OPERATION_IN_PROGRESS, "item " + next.name()
                        + " was changed by somebody else meanwhile", "Look at it again and repeat.");
            }
            makeCurrent(next, now);
        });
        database.afterCommit(() -> LOG.info("protection of item={} name={} moved from {} to {} because {}",
                next.id(), next.name(), before, next.state().name(), reason));
        return next;
    }

    /** Writes the item's direction as it is now; one before it has ended then, and never comes back. */
    private void makeCurrent(ProtectedItem item, Instant now) {
        database.update("update relationship set ended = ? where item = ? and generation < ? and ended is null",
                now, item.id().value(), item.generation());
        database.update("""
                insert into relationship (item, generation, source_host, target_host, begun) values (?, ?, ?, ?, ?)
                on conflict (item, generation) do update
                    set source_host = excluded.source_host, target_host = excluded.target_host
                """, item.id().value(), item.generation(), item.route().source().value(),
                item.route().target().value(), now);
    }

    /** The directions that an item has had, the current one last. */
    public List<Direction> directions(ItemId item) {
        return database.query("select * from relationship where item = ? order by generation", row -> new Direction(
                new RelationshipId(item, row.number("generation")), row.optionalUuid("source_host").map(HostId::new),
                row.optionalUuid("target_host").map(HostId::new), row.instant("begun"),
                row.optionalInstant("ended")), item.value());
    }

    /**
     * One direction of an item; a host that is gone since it ended is empty.
     *
     * @param ended when the next one began; empty of the current one
     */
    public record Direction(RelationshipId id, Optional<HostId> source, Optional<HostId> target, Instant begun,
            Optional<Instant> ended) {}

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
        // Two statements: what is read of the item and its direction is as the writer waited for has left it.
        database.first("select id from protected_item where id = ? for update", row -> row.uuid("id"), item.value());
        return get(item);
    }

    /** All items, by name. */
    public List<ProtectedItem> list() {
        return database.query(ITEMS + "order by i.name, i.id", ProtectedItemStore::item);
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
        List<ProtectedItem> found = database.query(ITEMS + "where i.name = ? order by i.id",
                ProtectedItemStore::item, nameOrId);
        if (found.size() > 1) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "several protected items are named \"" + nameOrId
                    + "\": " + String.join(", ", found.stream().map(item -> item.id().toString()).toList()),
                    "Use the id of one.");
        }
        return found.stream().findFirst().orElseThrow(() -> Missing.none("protected item", nameOrId));
    }

    public Optional<ProtectedItem> find(ItemId item) {
        return database.first(ITEMS + "where i.id = ?", ProtectedItemStore::item, item.value());
    }

    public Optional<ProtectedItem> of(VmId vm) {
        return database.first(ITEMS + "where i.vm = ?", ProtectedItemStore::item, vm.value());
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
                from jsonb_array_elements(?) heard, relationship r
                where r.item = i.id and r.generation = i.generation and r.source_host = ?
                    and i.vm = (heard->>'vm')::uuid
                    and (i.adapters <> heard->'adapters' or i.name <> heard->>'name')
                """, JsonColumn.of(told), source.value());
    }

    /** Both agents of a relationship were told that of it. */
    public void told(RelationshipId relationship, String words) {
        database.update("update relationship set told = ? where item = ? and generation = ?",
                words, relationship.item().value(), relationship.generation());
    }

    /** What both agents of a relationship were told last. */
    public Optional<String> told(RelationshipId relationship) {
        return database.first("select told from relationship where item = ? and generation = ?",
                        row -> row.optionalText("told"), relationship.item().value(), relationship.generation())
                .flatMap(words -> words);
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
        return Math.toIntExact(database.first(
                "select count(*) as items from relationship where target_host = ? and ended is null",
                row -> row.number("items"), target.value()).orElseThrow());
    }

    /** The names of the items that replicate from or to a host. */
    public List<String> namesOn(HostId host) {
        return database.query(ITEMS + "where ? in (r.source_host, r.target_host) order by i.name",
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
                row.json("state_facts", ProtectionState.class, STATE_FORMAT), row.number("version"));
    }
}
