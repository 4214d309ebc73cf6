package org.understudy.vault.policy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.understudy.api.PolicySettings;
import org.understudy.model.PolicyId;
import org.understudy.vault.name.Missing;
import org.understudy.vault.name.ObjectName;
import org.understudy.vault.name.Reference;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;
import org.understudy.workflow.sql.Row;

/** The table {@code policy}. */
public final class PolicyStore {
    private final Database database;

    public PolicyStore(Database database) {
        this.database = database;
    }

    /** Makes a policy. */
    public Policy create(ObjectName name, PolicySettings settings) {
        Policy policy = new Policy(PolicyId.random(), name.value(), settings);
        return write(policy, name, """
                insert into policy (copy_frequency_seconds, standard_points, recent_window_seconds,
                    application_consistent_hours, compression, delete_replica, name, id)
                values (?, ?, ?, ?, ?, ?, ?, ?)
                """);
    }

    /**
     * Changes a policy, name and settings, from what it is by then: two changes at once come one after the other, and
     * each keeps what the other did; NOT_FOUND when it was deleted meanwhile.
     */
    public Policy change(Policy policy, UnaryOperator<Policy> change) {
        return database.transact(() -> {
            database.lock("policy", policy.id().value());
            Policy changed = change.apply(get(policy.id()));
            return write(changed, new ObjectName(changed.name()), """
                    update policy set copy_frequency_seconds = ?, standard_points = ?, recent_window_seconds = ?,
                        application_consistent_hours = ?, compression = ?, delete_replica = ?, name = ?,
                        version = version + 1
                    where id = ?
                    """);
        });
    }

    /** All policies, by name. */
    public List<Policy> list() {
        return database.query("select * from policy order by name", PolicyStore::policy);
    }

    /** The policy of that id, or NOT_FOUND. */
    public Policy get(PolicyId policy) {
        return find(policy.value()).orElseThrow(() -> Missing.none("policy", policy.toString()));
    }

    /** The policy that a request means, or NOT_FOUND. */
    public Policy named(String nameOrId) {
        return Reference.resolve(nameOrId, this::find,
                        name -> database.first("select * from policy where name = ?", PolicyStore::policy, name))
                .orElseThrow(() -> Missing.none("policy", nameOrId));
    }

    /** Deletes a policy that no pair follows. */
    public void delete(Policy policy) {
        database.transact(() -> {
            database.lock("policy", policy.id().value());
            Missing.users("cloud pair", database.query("select name from cloud_pair where policy = ? order by 1",
                    row -> row.text("name"), policy.id().value())).ifPresent(users -> {
                        throw Missing.used("policy", policy.name(), users);
                    });
            database.update("delete from policy where id = ?", policy.id().value());
        });
    }

    private Optional<Policy> find(UUID id) {
        return database.first("select * from policy where id = ?", PolicyStore::policy, id);
    }

    private Policy write(Policy policy, ObjectName name, String sql) {
        PolicySettings settings = policy.settings();
        try {
            database.update(sql, settings.copyFrequency().toSeconds(), settings.standardPoints(),
                    settings.recentWindow().toSeconds(), settings.applicationConsistentHours(),
                    settings.compression(), settings.deleteReplica(), policy.name(), policy.id().value());
            return policy;
        } catch (DatabaseException e) {
            throw e.violates("policy_name") ? Missing.taken("policy", name) : e;
        }
    }

    private static Policy policy(Row row) {
        return new Policy(new PolicyId(row.uuid("id")), row.text("name"), new PolicySettings(
                Duration.ofSeconds(row.integer("copy_frequency_seconds")), row.integer("standard_points"),
                Duration.ofSeconds(row.number("recent_window_seconds")), row.integer("application_consistent_hours"),
                row.flag("compression"), row.flag("delete_replica")));
    }
}
