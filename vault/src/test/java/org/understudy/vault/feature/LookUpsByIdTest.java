package org.understudy.vault.feature;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.understudy.model.HostId;
import org.understudy.vault.database.TestDatabase;
import org.understudy.vault.fleet.Host;
import org.understudy.vault.fleet.HostStore;
import org.understudy.vault.fleet.HostWatch;
import org.understudy.vault.fleet.MonotonicClock;
import org.understudy.vault.inventory.Cloud;
import org.understudy.vault.inventory.CloudStore;
import org.understudy.vault.inventory.Site;
import org.understudy.vault.inventory.SiteStore;
import org.understudy.vault.name.ObjectName;
import org.understudy.vault.policy.CloudPair;
import org.understudy.vault.policy.CloudPairStore;
import org.understudy.vault.policy.Policy;
import org.understudy.vault.policy.PolicyStore;
import org.understudy.workflow.sql.Database;

/** In every table an object B is named by the id of A, however it came by that name: whoever looks for A finds A. */
class LookUpsByIdTest {
    private Database database;

    @BeforeEach
    void begin() {
        database = TestDatabase.empty();
    }

    private void nameByTheIdOf(String table, Object other, UUID id) {
        assertThat(database.update("update " + table + " set name = ? where id = ?", other.toString(), id)).isOne();
    }

    @Test
    void ofHosts() {
        HostId one = HostId.random();
        HostId other = HostId.random();
        for (HostId host : List.of(other, one)) {
            database.update("""
                    insert into host (id, name, replication_address, replication_port, agent_version, certificate,
                        registered_at) values (?, ?, '192.0.2.1', 8084, '1', 'none', ?)
                    """, host.value(), host.equals(one) ? "kvm1" : one.toString(), Instant.EPOCH);
        }
        HostStore hosts = new HostStore(database, new HostWatch(MonotonicClock.SYSTEM));
        assertThat(hosts.named(one.toString()).id()).isEqualTo(one);
        assertThat(hosts.find(one).map(Host::name)).contains("kvm1");
        assertThat(hosts.named("kvm1").id()).isEqualTo(one);
    }

    @Test
    void ofSitesAndClouds() {
        SiteStore sites = new SiteStore(database);
        Site one = sites.create(new ObjectName("stockholm"));
        Site other = sites.create(new ObjectName("amsterdam"));
        nameByTheIdOf("site", one.id(), other.id().value());
        assertThat(List.of(sites.named(one.id().toString()), sites.get(one.id()), sites.named("stockholm")))
                .containsOnly(one);
        CloudStore clouds = new CloudStore(database);
        Cloud gold = clouds.create(new ObjectName("gold"), one);
        Cloud silver = clouds.create(new ObjectName("silver"), one);
        nameByTheIdOf("cloud", gold.id(), silver.id().value());
        assertThat(List.of(clouds.named(gold.id().toString()), clouds.get(gold.id()), clouds.named("gold")))
                .containsOnly(gold);
    }

    @Test
    void ofPoliciesAndPairs() {
        PolicyStore policies = new PolicyStore(database);
        Policy fast = policies.create(new ObjectName("fast"), Policy.USUAL);
        Policy slow = policies.create(new ObjectName("slow"), Policy.USUAL);
        nameByTheIdOf("policy", fast.id(), slow.id().value());
        assertThat(List.of(policies.named(fast.id().toString()), policies.get(fast.id()), policies.named("fast")))
                .containsOnly(fast);
        Site site = new SiteStore(database).create(new ObjectName("stockholm"));
        CloudStore clouds = new CloudStore(database);
        CloudPairStore pairs = new CloudPairStore(database);
        CloudPair one = pairs.create(new ObjectName("one"), clouds.create(new ObjectName("a"), site),
                clouds.create(new ObjectName("b"), site), fast);
        CloudPair other = pairs.create(new ObjectName("other"), clouds.create(new ObjectName("c"), site),
                clouds.create(new ObjectName("d"), site), fast);
        nameByTheIdOf("cloud_pair", one.id(), other.id().value());
        assertThat(List.of(pairs.named(one.id().toString()), pairs.get(one.id()), pairs.named("one")))
                .containsOnly(one);
    }
}
