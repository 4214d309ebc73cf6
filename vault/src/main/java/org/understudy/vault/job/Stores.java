package org.understudy.vault.job;

import org.understudy.vault.failover.TestFailoverStore;
import org.understudy.vault.inventory.CloudStore;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.inventory.SiteStore;
import org.understudy.vault.network.NetworkMappingStore;
import org.understudy.vault.policy.CloudPairStore;
import org.understudy.vault.policy.PolicyStore;
import org.understudy.vault.protection.ProgressStore;
import org.understudy.vault.protection.ProtectedItemStore;
import org.understudy.workflow.sql.Database;

/** The stores of the features over one database; what several of them write in one transaction is durable together. */
public record Stores(
        Database database, SiteStore sites, CloudStore clouds, InventoryStore inventory, PolicyStore policies,
        CloudPairStore pairs, NetworkMappingStore mappings, ProtectedItemStore items, ProgressStore progress,
        TestFailoverStore tests) {
    /** All of them. */
    public static Stores over(Database database) {
        return new Stores(database, new SiteStore(database), new CloudStore(database), new InventoryStore(database),
                new PolicyStore(database), new CloudPairStore(database), new NetworkMappingStore(database),
                new ProtectedItemStore(database), new ProgressStore(database), new TestFailoverStore(database));
    }
}
