package org.understudy.vault.item;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.understudy.command.HeldRole;
import org.understudy.command.MachineRole;
import org.understudy.command.ToldRole;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;
import org.understudy.workflow.sql.Row;

/**
 * The tables {@code held_role}, the role of each VM at each host as its agent told it last, and {@code left_behind},
 * what a host has to be told of an item that is gone. Written as it changes.
 */
public final class HeldRoleStore {
    private final Database database;

    public HeldRoleStore(Database database) {
        this.database = database;
    }

    /** A role with the host that holds it. */
    public record AtHost(HostId host, String hostName, HeldRole held) {}

    /** Keeps all that a host tells; answers those that are new or another than before. */
    public List<HeldRole> keep(HostId host, List<HeldRole> told, Instant now) {
        Map<VmId, HeldRole> before = new HashMap<>();
        database.query("select held from held_role where host = ?", row -> row.json("held", HeldRole.class),
                host.value()).forEach(held -> before.put(held.vm(), held));
        List<HeldRole> changed = new ArrayList<>();
        Set<VmId> present = new HashSet<>();
        for (HeldRole held : told) {
            present.add(held.vm());
            if (!held.equals(before.get(held.vm()))) {
                changed.add(held);
                database.update("""
                        insert into held_role (host, vm, held, told_at, reported_at) values (?, ?, ?, ?, ?)
                        on conflict (host, vm) do update set held = excluded.held, told_at = excluded.told_at
                        """, host.value(), held.vm().value(), JsonColumn.of(held), now, now);
            }
        }
        before.keySet().stream().filter(vm -> !present.contains(vm)).forEach(vm -> database.update(
                "delete from held_role where host = ? and vm = ?", host.value(), vm.value()));
        database.update("update held_role set reported_at = ? where host = ?", now, host.value());
        database.update("""
                delete from left_behind b using held_role r where b.host = ? and r.host = b.host and r.vm = b.vm
                    and (r.held->>'role' = 'released' or r.held->>'item' <> b.item::text
                        or r.held->>'role' = 'left-behind' and r.held->>'elsewhere' is not null)
                """, host.value());
        return changed;
    }

    /** The roles of a VM, at every host that told one. */
    public List<AtHost> of(VmId vm) {
        return database.query("""
                select r.host, h.name, r.held from held_role r join host h on h.id = r.host where r.vm = ?
                order by h.name
                """, row -> new AtHost(new HostId(row.uuid("host")), row.text("name"),
                row.json("held", HeldRole.class)), vm.value());
    }

    /**
     * The old copies at a host: of VMs that run at another since they were failed over, and that the host takes for its
     * own or was not told where they went. One that a person released stays released.
     */
    public List<ToldRole> leftBehind(HostId host) {
        return database.query("""
                select i.id, i.vm, i.name, t.name as elsewhere, i.changed_at as since, r.held
                from protected_item i join relationship d on d.item = i.id and d.generation = i.generation
                    join host t on t.id = d.target_host
                    left join held_role r on r.host = d.source_host and r.vm = i.vm
                where d.source_host = ? and i.state in ('CommitPending', 'Committed')
                    and (r.held is null or r.held->>'role' = 'source'
                        or r.held->>'role' = 'left-behind' and r.held->>'elsewhere' is null)
                union all
                select b.item, b.vm, b.name, b.elsewhere, b.since, r.held from left_behind b
                    left join held_role r on r.host = b.host and r.vm = b.vm
                where b.host = ? and not exists (select from protected_item i
                    join relationship d on d.item = i.id and d.generation = i.generation
                    where i.vm = b.vm and b.host in (d.source_host, d.target_host))
                """, row -> told(row, MachineRole.LEFT_BEHIND, row.text("elsewhere")), host.value(), host.value());
    }

    /**
     * Keeps for the source of an item that ends, or goes on without it, what it may not have heard: that its VM runs
     * elsewhere. Without it, it would start the VM when it comes back. Where it runs is no old copy any more, whatever
     * it was in an earlier life.
     */
    public void outliveItsPart(ProtectedItem item, Instant now) {
        hasAPart(item.route().target(), item.machine().vm());
        database.update("""
                insert into left_behind (host, vm, item, name, elsewhere, since)
                select d.source_host, i.vm, i.id, i.name, t.name, ?
                from protected_item i join relationship d on d.item = i.id and d.generation = i.generation
                    join host t on t.id = d.target_host
                where i.id = ? and not exists (select from held_role r where r.host = d.source_host and r.vm = i.vm
                    and (r.held->>'role' = 'released'
                        or r.held->>'role' = 'left-behind' and r.held->>'elsewhere' is not null))
                on conflict (host, vm) do update set elsewhere = excluded.elsewhere, since = excluded.since
                """, now, item.id().value());
    }

    /** A host has a part in the item of a VM again: what it was to be told of an earlier one is over. */
    public void hasAPart(HostId host, VmId vm) {
        database.update("delete from left_behind where host = ? and vm = ?", host.value(), vm.value());
    }

    /**
     * The VMs that a host keeps from starting for a failover that did not come: the vault knows of none, no operation
     * is under way, and the target has told since that it holds a mere replica.
     */
    public List<ToldRole> neverFailedOver(HostId host) {
        return database.query("""
                select i.id, i.vm, i.name, r.told_at as since, r.held
                from protected_item i join relationship d on d.item = i.id and d.generation = i.generation
                    join held_role r on r.host = d.source_host and r.vm = i.vm
                    join held_role t on t.host = d.target_host and t.vm = i.vm
                where d.source_host = ? and i.state in ('Protected', 'ResynchronizationRequired')
                    and r.held->>'role' = 'left-behind' and t.held->>'role' = 'replica'
                    and t.reported_at > r.told_at
                    and not exists (select from job j where j.target_kind = ? and j.target_id = i.id::text
                        and j.state in ('NOT_STARTED', 'IN_PROGRESS', 'SUSPENDED', 'CANCELLING'))
                """, row -> told(row, MachineRole.SOURCE, ""), host.value(), ItemSteps.ITEM);
    }

    /** A short word for all from which the attachments of a host's replicas follow. */
    public String attachmentsDigest(HostId host) {
        return database.first("""
                select md5(concat_ws('/',
                    (select string_agg(i.id::text || i.adapters::text || d.source_host::text, ',' order by i.id)
                        from protected_item i join relationship d on d.item = i.id and d.generation = i.generation
                        where d.target_host = ?),
                    (select string_agg(m::text, ',' order by m.id) from network_mapping m),
                    (select string_agg(n::text, ',' order by n.name) from network n where n.host = ?))) as digest
                """, row -> row.text("digest"), host.value(), host.value()).orElseThrow();
    }

    private static ToldRole told(Row row, MachineRole role, String elsewhere) {
        return new ToldRole(new VmId(row.uuid("vm")), new ItemId(row.uuid("id")), row.text("name"), role, elsewhere,
                row.instant("since"), row.optionalJson("held", HeldRole.class).map(HeldRole::since));
    }
}
