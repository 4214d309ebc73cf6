package org.understudy.vault.policy;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.understudy.model.CloudId;
import org.understudy.model.CloudPairId;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.PolicyId;
import org.understudy.vault.inventory.Cloud;
import org.understudy.vault.name.Missing;
import org.understudy.vault.name.ObjectName;
import org.understudy.vault.name.Reference;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;
import org.understudy.workflow.sql.Row;

/** The tables {@code cloud_pair} and {@code cloud_pair_member}; a cloud is in one pair at most (P-14). */
public final class CloudPairStore {
    private final Database database;

    public CloudPairStore(Database database) {
        this.database = database;
    }

    /** Pairs two clouds. */
    public CloudPair create(ObjectName name, Cloud source, Cloud target, Policy policy) {
        if (source.id().equals(target.id())) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "cloud " + source.name() + " cannot be paired with itself");
        }
        CloudPair pair = new CloudPair(
                CloudPairId.random(), name.value(), source.id(), target.id(), policy.id());
        try {
            return database.transact(() -> {
                refusePaired(source);
                refusePaired(target);
                database.update("insert into cloud_pair (id, name, source, target, policy) values (?, ?, ?, ?, ?)",
                        pair.id().value(), pair.name(), source.id().value(), target.id().value(), policy.id().value());
                database.update("insert into cloud_pair_member (cloud, pair) values (?, ?), (?, ?)",
                        source.id().value(), pair.id().value(), target.id().value(), pair.id().value());
                return pair;
            });
        } catch (DatabaseException e) {
            if (e.violates("cloud_pair_name")) {
                throw Missing.taken("cloud pair", name);
            }
            throw e.violates("cloud_pair_member_cloud")
                    ? FailureException.of(FailureCode.IN_USE, "one of the clouds was paired by somebody else just now")
                    : e;
        }
    }

    /** All pairs, by name. */
    public List<CloudPair> list() {
        return database.query("select * from cloud_pair order by name", CloudPairStore::pair);
    }

    /** The pair of that id, or NOT_FOUND. */
    public CloudPair get(CloudPairId pair) {
        return find(pair.value()).orElseThrow(() -> Missing.none("cloud pair", pair.toString()));
    }

    /** The pair that a request means, or NOT_FOUND. */
    public CloudPair named(String nameOrId) {
        return Reference.resolve(nameOrId, this::find,
                        name -> database.first("select * from cloud_pair where name = ?", CloudPairStore::pair, name))
                .orElseThrow(() -> Missing.none("cloud pair", nameOrId));
    }

    /** The pair that a cloud is in, as its source or as its target: there is one at most. */
    public Optional<CloudPair> of(CloudId cloud) {
        return database.first(
                "select * from cloud_pair where ? in (source, target)", CloudPairStore::pair, cloud.value());
    }

    /** Deletes a pair that protects nothing. */
    public void delete(CloudPair pair) {
        database.transact(() -> {
            database.lock("cloud_pair", pair.id().value());
            Missing.users("protected item", database.query("select name from protected_item where pair = ? order by 1",
                    row -> row.text("name"), pair.id().value())).ifPresent(users -> {
                        throw Missing.used("cloud pair", pair.name(), users);
                    });
            database.update("delete from cloud_pair where id = ?", pair.id().value());
        });
    }

    private Optional<CloudPair> find(UUID id) {
        return database.first("select * from cloud_pair where id = ?", CloudPairStore::pair, id);
    }

    private void refusePaired(Cloud cloud) {
        database.first("select p.name from cloud_pair p join cloud_pair_member m on m.pair = p.id where m.cloud = ?",
                row -> row.text("name"), cloud.id().value()).ifPresent(pair -> {
                    throw FailureException.of(FailureCode.IN_USE,
                            "cloud " + cloud.name() + " is in cloud pair " + pair + " already",
                            "A cloud is in one pair at most: delete that pair, or use another cloud.");
                });
    }

    private static CloudPair pair(Row row) {
        return new CloudPair(new CloudPairId(row.uuid("id")), row.text("name"), new CloudId(row.uuid("source")),
                new CloudId(row.uuid("target")), new PolicyId(row.uuid("policy")));
    }
}
