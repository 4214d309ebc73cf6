package org.understudy.vault.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.understudy.api.PolicySettings;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.vault.database.TestDatabase;
import org.understudy.vault.inventory.Cloud;
import org.understudy.vault.inventory.CloudStore;
import org.understudy.vault.inventory.Site;
import org.understudy.vault.inventory.SiteStore;
import org.understudy.vault.main.Awaiting;
import org.understudy.vault.name.ObjectName;
import org.understudy.vault.policy.CloudPair;
import org.understudy.vault.policy.CloudPairStore;
import org.understudy.vault.policy.Policy;
import org.understudy.vault.policy.PolicyStore;
import org.understudy.workflow.sql.Database;

/** Two requests at once, one of which has not ended when the other begins: none is lost, and none is a defect. */
class AtOnceTest {
    private static final Executor THREADS = work -> Thread.ofVirtual().start(work);

    private Database database;
    private SiteStore sites;
    private CloudStore clouds;
    private CloudPairStore pairs;
    private PolicyStore policies;
    private Site site;
    private Cloud gold;
    private Cloud silver;
    private HostId host;

    @BeforeEach
    void begin() {
        database = TestDatabase.empty();
        sites = new SiteStore(database);
        clouds = new CloudStore(database);
        pairs = new CloudPairStore(database);
        policies = new PolicyStore(database);
        site = sites.create(new ObjectName("stockholm"));
        gold = clouds.create(new ObjectName("gold"), site);
        silver = clouds.create(new ObjectName("silver"), site);
        host = HostId.random();
        database.update("""
                insert into host (id, name, replication_address, replication_port, agent_version, certificate,
                    registered_at) values (?, 'kvm1', '192.0.2.1', 8084, '1', 'none', ?)
                """, host.value(), Instant.EPOCH);
        sites.assign(host, "kvm1", site);
    }

    /** Does the second while the first is done and not committed; returns once the second has ended. */
    private void atOnce(Runnable first, Runnable second) {
        CompletableFuture<Void> other = database.transact(() -> {
            first.run();
            CompletableFuture<Void> begun = CompletableFuture.runAsync(second, THREADS);
            Awaiting.until(() -> begun.isDone() || waiting() > 0, is -> is);
            return begun;
        });
        try {
            other.orTimeout(Duration.ofSeconds(20).toMillis(), TimeUnit.MILLISECONDS).join();
        } catch (CompletionException e) {
            throw (RuntimeException) e.getCause();
        }
    }

    private long waiting() {
        return database.first("select count(*) as locks from pg_locks where not granted", row -> row.number("locks"))
                .orElseThrow();
    }

    private void assertRefused(FailureCode code, String told, Runnable first, Runnable second) {
        assertThatThrownBy(() -> atOnce(first, second)).isInstanceOfSatisfying(FailureException.class, e -> {
            assertThat(e.failure().code()).isEqualTo(code);
            assertThat(e.failure().message()).contains(told);
        });
    }

    private void item(CloudPair pair) {
        database.update("""
                with item as (
                    insert into protected_item (id, vm, name, disks, adapters, pair, generation, state, state_facts,
                        version, created_at, changed_at)
                    values (gen_random_uuid(), gen_random_uuid(), 'web01', '[]', '[]', ?, 1, 'ENABLING', '{}', 1,
                        now(), now()) returning id)
                insert into relationship (item, generation, source_host, target_host, begun)
                    select id, 1, ?, ?, now() from item
                """, pair.id().value(), host.value(), host.value());
    }

    @Test
    void aHostThatTwoCloudsTakeIsInOneAndTheOtherSaysSo() {
        assertRefused(FailureCode.IN_USE, "cloud gold", () -> clouds.add(gold, host, "kvm1"),
                () -> clouds.add(silver, host, "kvm1"));
        assertThat(clouds.of(host)).map(Cloud::name).contains("gold");
    }

    @Test
    void aHostThatJoinsACloudStaysAtTheSiteOfThatCloud() {
        Site other = sites.create(new ObjectName("amsterdam"));
        assertRefused(FailureCode.IN_USE, "cloud gold", () -> clouds.add(gold, host, "kvm1"),
                () -> sites.assign(host, "kvm1", other));
        assertThat(sites.of(host)).map(Site::name).contains("stockholm");
    }

    @Test
    void aHostThatComesIntoUseStaysInItsCloud() {
        clouds.add(gold, host, "kvm1");
        CloudPair pair = pairs.create(new ObjectName("pair"), gold, silver,
                policies.create(new ObjectName("fast"), Policy.USUAL));
        assertRefused(FailureCode.IN_USE, "protected item web01", () -> item(pair),
                () -> clouds.remove(gold, host, "kvm1"));
        assertThat(clouds.of(host)).map(Cloud::name).contains("gold");
    }

    @Test
    void whatComesIntoUseWhileItIsDeletedStaysAndSaysWhatUsesIt() {
        Policy slow = policies.create(new ObjectName("slow"), Policy.USUAL);
        assertRefused(FailureCode.IN_USE, "cloud pair one",
                () -> pairs.create(new ObjectName("one"), gold, silver, slow), () -> policies.delete(slow));
        CloudPair one = pairs.named("one");
        pairs.delete(one);
        assertRefused(FailureCode.IN_USE, "cloud pair one",
                () -> pairs.create(new ObjectName("one"), gold, silver, slow), () -> clouds.delete(gold));
        pairs.delete(pairs.named("one"));
    }

    @Test
    void aPairThatComesIntoUseStays() {
        CloudPair pair = pairs.create(new ObjectName("pair"), gold, silver,
                policies.create(new ObjectName("fast"), Policy.USUAL));
        assertRefused(FailureCode.IN_USE, "protected item web01", () -> item(pair), () -> pairs.delete(pair));
    }

    @Test
    void aSiteThatGetsACloudStays() {
        Site other = sites.create(new ObjectName("amsterdam"));
        assertRefused(FailureCode.IN_USE, "cloud bronze",
                () -> clouds.create(new ObjectName("bronze"), other), () -> sites.delete(other));
    }

    @Test
    void twoChangesOfOnePolicyBothHold() {
        Policy policy = policies.create(new ObjectName("fast"), Policy.USUAL);
        atOnce(() -> policies.change(policy, now -> new Policy(now.id(), now.name(), points(now.settings(), 7))),
                () -> policies.change(policy, now -> new Policy(now.id(), "faster", now.settings())));
        assertThat(policies.get(policy.id())).isEqualTo(
                new Policy(policy.id(), "faster", points(policy.settings(), 7)));
    }

    private static PolicySettings points(PolicySettings settings, int points) {
        return new PolicySettings(settings.copyFrequency(), points, settings.recentWindow(),
                settings.applicationConsistentHours(), settings.compression(), settings.deleteReplica());
    }
}
