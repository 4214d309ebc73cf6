package org.understudy.vault.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.understudy.command.AgentReport.SourceProgress;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.command.PointsHeld;
import org.understudy.model.ByteCount;
import org.understudy.model.CloudPairId;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;
import org.understudy.vault.database.TestDatabase;
import org.understudy.vault.inventory.Cloud;
import org.understudy.vault.inventory.CloudStore;
import org.understudy.vault.inventory.Site;
import org.understudy.vault.inventory.SiteStore;
import org.understudy.vault.item.HeldRoleStore;
import org.understudy.vault.item.ItemSteps;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectedItemStore;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.name.ObjectName;
import org.understudy.vault.policy.CloudPair;
import org.understudy.vault.policy.CloudPairStore;
import org.understudy.vault.policy.Policy;
import org.understudy.vault.policy.PolicyStore;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;

/** An item goes one way and then the other: each way has its own row, and what comes late stays with the old one. */
class DirectionsOfItemsTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    private final HostId stockholm = HostId.random();
    private final HostId amsterdam = HostId.random();
    private Database database;
    private ProtectedItemStore items;
    private ProgressStore progress;
    private ProtectedItem there;

    @BeforeEach
    void begin() {
        database = TestDatabase.empty();
        items = new ProtectedItemStore(database);
        progress = new ProgressStore(database);
        for (HostId host : List.of(stockholm, amsterdam)) {
            database.update("""
                    insert into host (id, name, replication_address, replication_port, agent_version, certificate,
                        registered_at) values (?, ?, '192.0.2.1', 8084, '1', 'none', ?)
                    """, host.value(), host.toString(), NOW);
        }
        there = new ProtectedItem(ItemId.random(),
                new ProtectedItem.Machine(VmId.random(), "web01", List.of(), List.of()),
                new ProtectedItem.Route(pair().id(), stockholm, amsterdam), 1, new ProtectionState.Protected(), 1);
        items.insert(there, NOW);
    }

    private CloudPair pair() {
        Site site = new SiteStore(database).create(new ObjectName("stockholm"));
        CloudStore clouds = new CloudStore(database);
        Cloud gold = clouds.create(new ObjectName("gold"), site);
        Cloud silver = clouds.create(new ObjectName("silver"), site);
        Policy fast = new PolicyStore(database).create(new ObjectName("fast"), Policy.USUAL);
        CloudPair pair = new CloudPairStore(database).create(new ObjectName("pair"), gold, silver, fast);
        assertThat(new CloudPairStore(database).of(gold.id())).contains(pair);
        assertThat(new CloudPairStore(database).of(silver.id())).as("the way back is the same pair").contains(pair);
        assertThat(pair.other(silver.id())).isEqualTo(gold.id());
        assertThat(pair.joins(silver.id(), gold.id())).isTrue();
        assertThat(pair.joins(gold.id(), gold.id())).isFalse();
        return pair;
    }

    private static SourceProgress source(RelationshipId relationship, long sequence) {
        LogPosition at = new LogPosition(relationship.generation(), sequence);
        return new SourceProgress(relationship, at, at, ByteCount.ZERO, ByteCount.ZERO, ByteCount.ZERO, ByteCount.ZERO,
                ByteCount.ZERO, Optional.empty(), Optional.empty(), 0, Optional.empty());
    }

    private static TargetProgress target(RelationshipId relationship, long sequence) {
        LogPosition at = new LogPosition(relationship.generation(), sequence);
        return new TargetProgress(relationship, at, at, ByteCount.ZERO, PointsHeld.NONE, Optional.empty());
    }

    private ProtectedItem reverse() {
        return items.replace(there.reversed(amsterdam, stockholm), there.version(), "a test", NOW.plusSeconds(60));
    }

    @Test
    void theWayBackIsARowBesideTheWayThere() {
        items.told(there.relationship(), "the way there");
        progress.keepSources(stockholm, List.of(source(there.relationship(), 9)), NOW);
        ProtectedItem back = reverse();
        assertThat(items.get(there.id())).isEqualTo(back);
        assertThat(back.relationship()).isEqualTo(there.relationship().next());
        assertThat(back.route().source()).isEqualTo(amsterdam);
        assertThat(items.directions(there.id())).extracting(ProtectedItemStore.Direction::ended)
                .containsExactly(Optional.of(NOW.plusSeconds(60)), Optional.empty());
        assertThat(items.told(back.relationship())).as("both agents are told anew").isEmpty();
        assertThat(progress.of(there.id())).as("nothing was reported of it yet").isEqualTo(ProgressStore.Progress.NONE);
        assertThat(progress.of(there.relationship()).source()).contains(source(there.relationship(), 9));
        assertThat(items.namesOn(amsterdam)).containsExactly("web01");
        assertThat(items.replicas(stockholm)).isOne();
        assertThat(items.replicas(amsterdam)).isZero();
    }

    @Test
    void aLateReportOfTheWayThereStaysWithItAndNothingFollows() {
        ProtectedItem back = reverse();
        assertThat(progress.keepSources(stockholm, List.of(source(there.relationship(), 12)), NOW)).isEmpty();
        assertThat(progress.keepTargets(amsterdam, List.of(target(there.relationship(), 12)), NOW)).isEmpty();
        assertThat(progress.of(there.id())).isEqualTo(ProgressStore.Progress.NONE);
        assertThat(progress.of(there.relationship()).source()).contains(source(there.relationship(), 12));
        assertThat(progress.keepTargets(stockholm, List.of(target(back.relationship(), 1)), NOW))
                .containsExactly(back.relationship());
        assertThat(progress.keepSources(stockholm, List.of(source(back.relationship(), 1)), NOW))
                .as("it is the target of that").isEmpty();
        assertThat(progress.keepSources(amsterdam, List.of(source(back.relationship().next(), 1)), NOW))
                .as("nobody began that").isEmpty();
        assertThat(progress.of(there.id()).source()).isEmpty();
        assertThat(progress.of(there.id()).target()).contains(target(back.relationship(), 1));
    }

    @Test
    void theHistoryOutlivesAHostThatHadAPartInIt() {
        HostId third = HostId.random();
        database.update("""
                insert into host (id, name, replication_address, replication_port, agent_version, certificate,
                    registered_at) values (?, 'kvm-par', '192.0.2.1', 8084, '1', 'none', ?)
                """, third.value(), NOW);
        items.replace(there.reversed(third, stockholm), there.version(), "a test", NOW);
        assertThat(database.update("delete from host where id = ?", amsterdam.value())).isOne();
        assertThat(items.directions(there.id()).getFirst().source()).contains(stockholm);
        assertThat(items.directions(there.id()).getFirst().target()).isEmpty();
        assertThatThrownBy(() -> database.update("delete from host where id = ?", third.value()))
                .isInstanceOf(DatabaseException.class);
    }

    @Test
    void aHostThatIsLeftOutIsToldThatItsVmRunsElsewhereUntilItHasAPartInTheItemAgain() {
        HostId third = HostId.random();
        database.update("""
                insert into host (id, name, replication_address, replication_port, agent_version, certificate,
                    registered_at) values (?, 'kvm-par', '192.0.2.1', 8084, '1', 'none', ?)
                """, third.value(), NOW);
        ItemSteps steps = new ItemSteps(database, items, null, Clock.fixed(NOW, ZoneOffset.UTC));
        HeldRoleStore roles = new HeldRoleStore(database);
        ProtectedItem without = there.reversed(amsterdam, third);
        steps.turn(there, without, "a test");
        assertThat(roles.leftBehind(stockholm)).singleElement()
                .satisfies(told -> assertThat(told.elsewhere()).isEqualTo(amsterdam.toString()));
        assertThat(roles.leftBehind(third)).isEmpty();
        steps.turn(without, without.reversed(third, stockholm), "a test");
        assertThat(roles.leftBehind(stockholm)).isEmpty();
        assertThat(roles.leftBehind(amsterdam)).as("it is left out now").hasSize(1);
        items.delete(items.get(there.id()), "the test ends");
        assertThat(roles.leftBehind(stockholm)).as("it is no old copy any more").isEmpty();
    }

    @Test
    void aTargetThatIsChosenAnewBeforeAnythingReplicatesIsNoOtherDirection() {
        HostId third = HostId.random();
        database.update("""
                insert into host (id, name, replication_address, replication_port, agent_version, certificate,
                    registered_at) values (?, 'kvm-par', '192.0.2.1', 8084, '1', 'none', ?)
                """, third.value(), NOW);
        ProtectedItem moved = items.replace(there.withTarget(third), there.version(), "a test", NOW);
        assertThat(items.get(there.id())).isEqualTo(moved);
        assertThat(items.directions(there.id())).singleElement()
                .satisfies(it -> assertThat(it.target()).contains(third));
    }
}
