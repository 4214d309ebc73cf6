package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.AuditView;
import org.understudy.api.CleanupRequest;
import org.understudy.api.DisableRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.HealthView;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.NetworkMappingRequest;
import org.understudy.api.Operation;
import org.understudy.api.TestFailoverRequest;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport;
import org.understudy.command.HeldRole;
import org.understudy.command.HeldRole.Deed;
import org.understudy.command.MachineRole;
import org.understudy.command.ToldAttachments;
import org.understudy.command.ToldRole;
import org.understudy.model.FailureCode;
import org.understudy.model.ItemId;

/** What a person did at a host without the vault is believed where it can be, and never overlooked. */
@Timeout(120)
@Tag("slow")
class FailedOverAtTheHostTest {
    private static final FailoverRequest LATEST = new FailoverRequest(
            Optional.empty(), Optional.empty(), Optional.of(true), Optional.of("the test says so"));

    @TempDir
    private Path data;
    private Story story;

    @BeforeEach
    void begin() throws IOException {
        story = Story.told(data);
    }

    @AfterEach
    void end() {
        story.close();
    }

    private HeldRole role(ItemId item, MachineRole role, Optional<Deed> deed) {
        return new HeldRole(Story.WEB01, Optional.of(item), "web01", role, Instant.parse("2026-11-28T04:00:00Z"),
                Optional.empty(), deed);
    }

    private List<ToldRole> tells(ScriptedAgent agent, HeldRole... roles) {
        return agent.tells(new AgentReport.Roles(List.of(roles))).roles();
    }

    private HeldRole failedOver(ItemId item) {
        return role(item, MachineRole.RUNNING_REPLICA, Optional.of(
                new Deed("anna", "stockholm burns", Optional.of(story.amsterdam().point(4)))));
    }

    private ItemView item(ItemId item) {
        return story.people().item(item.toString());
    }

    @Test
    void believesAFailoverThatWasDoneWhileItWasAwayAndTellsTheOldPrimary() throws IOException {
        ItemId item = story.protectedItem();
        story.restart();
        story.stockholm().comeBack(story.vault());
        story.amsterdam().comeBack(story.vault());

        assertThat(tells(story.amsterdam(), failedOver(item))).isEmpty();

        ItemView moved = story.state(item, "CommitPending");
        assertThat(moved.failedOverTo().orElseThrow().id()).isEqualTo("1-4");
        assertThat(story.people().audit(100).stream().filter(entry -> entry.action().equals("Failover at the host")))
                .singleElement().satisfies(entry -> {
                    assertThat(entry.actor()).isEqualTo("host kvm-ams");
                    assertThat(entry.details().orElseThrow()).contains("anna", "1-4", "stockholm burns");
                });
        assertThat(tells(story.stockholm(), role(item, MachineRole.SOURCE, Optional.empty())))
                .singleElement().satisfies(told -> {
                    assertThat(told.role()).isEqualTo(MachineRole.LEFT_BEHIND);
                    assertThat(told.elsewhere()).isEqualTo("kvm-ams");
                });
        tells(story.amsterdam(), failedOver(item));
        assertThat(story.people().audit(100).stream().map(AuditView::action).filter("Failover at the host"::equals))
                .as("told again it is the same deed").hasSize(1);
        assertThat(item(item).allowedOperations()).contains(Operation.COMMIT);
    }

    @Test
    void anOldCopyThatIsReleasedIsCriticalAndWrittenDown() {
        ItemId item = story.protectedItem();
        story.ended(story.people().failOver(item.toString(), LATEST).id());
        HeldRole released = role(item, MachineRole.RELEASED, Optional.of(
                new Deed("bert", "amsterdam is flooded", Optional.empty())));

        assertThat(tells(story.stockholm(), released)).as("a person's word stands").isEmpty();

        HealthView health = item(item).health();
        assertThat(health.level()).isEqualTo(HealthView.Level.CRITICAL);
        assertThat(health.reasons()).anyMatch(reason ->
                reason.contains("released there by bert (amsterdam is flooded)"));
        assertThat(story.people().audit(100)).extracting(AuditView::action).contains("Release VM at its host");
    }

    @Test
    void tellsAnOldPrimaryThatWasAwayWhenItsItemEnded() throws IOException {
        ItemId item = story.protectedItem();
        tells(story.stockholm(), role(item, MachineRole.SOURCE, Optional.empty()));
        story.stockholm().fallSilent();
        story.clock().move(Duration.ofMinutes(1));
        story.amsterdam().report(new AgentReport.Heartbeat("0.1.0"));
        story.ended(story.people().failOver(item.toString(), LATEST).id());
        story.ended(story.people().disable(item.toString(),
                new DisableRequest(Optional.of(false), Optional.of(true))).id());
        assertThat(story.people().items()).isEmpty();

        story.stockholm().comeBack(story.vault());
        HeldRole source = role(item, MachineRole.SOURCE, Optional.empty());
        assertThat(tells(story.stockholm(), source)).singleElement().satisfies(told -> {
            assertThat(told.role()).isEqualTo(MachineRole.LEFT_BEHIND);
            assertThat(told.elsewhere()).isEqualTo("kvm-ams");
        });
        HeldRole heard = new HeldRole(Story.WEB01, Optional.of(item), "web01", MachineRole.LEFT_BEHIND,
                Instant.parse("2026-11-28T04:00:00Z"), Optional.of("kvm-ams"), Optional.empty());
        assertThat(tells(story.stockholm(), heard)).isEmpty();
        assertThat(tells(story.stockholm(), source)).as("told once it heard, it decides itself").isEmpty();
    }

    /** The VM was protected again by whoever had it, and came home: what its old host was to be told is over. */
    @Test
    void doesNotTellAHostOfAnEarlierLifeOfWhatRunsThereNow() throws IOException {
        ItemId item = story.protectedItem();
        story.stockholm().fallSilent();
        story.clock().move(Duration.ofMinutes(1));
        story.amsterdam().report(new AgentReport.Heartbeat("0.1.0"));
        story.ended(story.people().failOver(item.toString(), LATEST).id());
        story.ended(story.people().disable(item.toString(),
                new DisableRequest(Optional.of(false), Optional.of(true))).id());

        story.stockholm().comeBack(story.vault());
        HeldRole home = role(ItemId.random(), MachineRole.RUNNING_REPLICA, Optional.empty());
        assertThat(tells(story.stockholm(), home)).isEmpty();
        assertThat(tells(story.stockholm())).as("nor when it has no role any more").isEmpty();
    }

    @Test
    void saysWhichRoleItCorrects() {
        ItemId item = story.protectedItem();
        story.ended(story.people().failOver(item.toString(), LATEST).id());
        assertThat(tells(story.stockholm()).getFirst().against()).isEmpty();
        HeldRole source = role(item, MachineRole.SOURCE, Optional.empty());
        assertThat(tells(story.stockholm(), source).getFirst().against()).contains(source.since());
    }

    @Test
    void aHostWhoseWordsChangeEachTimeDoesNotFillTheAudit() {
        ItemId item = story.protectedItem();
        for (int i = 0; i < 60; i++) {
            tells(story.stockholm(), role(item, MachineRole.RELEASED, Optional.of(
                    new Deed("bert".repeat(1000), "reason " + i + "!".repeat(100_000), Optional.empty()))));
        }
        List<AuditView> written = story.people().audit(200).stream()
                .filter(entry -> entry.action().equals("Release VM at its host")).toList();
        assertThat(written).hasSizeLessThanOrEqualTo(40).allSatisfy(entry ->
                assertThat(entry.details().orElseThrow()).hasSizeLessThan(1000));
    }

    @Test
    void aFailoverAtAHostThatContradictsTheVaultIsCritical() {
        ItemId item = story.protectedItem();
        tells(story.stockholm(), failedOver(item));
        assertThat(item(item).state()).isEqualTo("Protected");
        assertThat(item(item).health().reasons()).anyMatch(reason ->
                reason.contains("was failed over on host kvm-sto by anna") && reason.contains("has it as Protected"));
    }

    @Test
    void aVmThatWasShutDownForAFailoverThatDidNotComeMayStartAgain() {
        ItemId item = story.protectedItem();
        HeldRole held = role(item, MachineRole.LEFT_BEHIND, Optional.empty());
        assertThat(tells(story.stockholm(), held)).as("what the target holds is not known yet").isEmpty();
        assertThat(item(item).health().reasons()).anyMatch(reason -> reason.contains("does not start on host kvm-sto"));
        tells(story.amsterdam(), role(item, MachineRole.REPLICA, Optional.empty()));
        story.clock().move(Duration.ofSeconds(1));
        tells(story.amsterdam(), role(item, MachineRole.REPLICA, Optional.empty()));
        assertThat(tells(story.stockholm(), held)).extracting(ToldRole::role).containsExactly(MachineRole.SOURCE);
    }

    @Test
    void leavesItToItsOwnFailoverThatIsUnderWay() {
        ItemId item = story.protectedItem();
        story.amsterdam().takeWithoutAnswer(AgentCommand.FailOver.class);
        JobView failover = story.people().failOver(item.toString(), LATEST);
        story.amsterdam().hasTaken(AgentCommand.FailOver.class);
        tells(story.amsterdam(), failedOver(item));
        assertThat(item(item).state()).isEqualTo("FailingOver");
        story.amsterdam().answer(AgentCommand.FailOver.class);
        assertThat(story.ended(failover.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(item(item).state()).isEqualTo("CommitPending");
    }

    @Test
    void aFailoverOfWhichARestoredVaultKnowsNothingIsCritical() {
        ItemId item = story.protectedItem();
        tells(story.amsterdam(), role(item, MachineRole.RUNNING_REPLICA, Optional.empty()));
        assertThat(item(item).health().level()).isEqualTo(HealthView.Level.CRITICAL);
        HeldRole held = role(item, MachineRole.LEFT_BEHIND, Optional.empty());
        tells(story.stockholm(), held);
        tells(story.amsterdam(), role(item, MachineRole.RUNNING_REPLICA, Optional.empty()));
        assertThat(tells(story.stockholm(), held)).as("and the old copy stays one").isEmpty();
    }

    @Test
    void hasTheTargetKeepWhereTheAdaptersGoUntilItKeepsThat() {
        ItemId item = story.protectedItem();
        var roles = List.of(role(item, MachineRole.REPLICA, Optional.empty()));
        ToldAttachments told = story.amsterdam().tells(new AgentReport.Roles(roles)).attachments().orElseThrow();
        assertThat(told.items()).singleElement().satisfies(one ->
                assertThat(one.adapters().getFirst().network()).contains("prod-ams"));
        AgentReport.Roles keeps = new AgentReport.Roles(roles, Optional.of(told.digest()));
        assertThat(story.amsterdam().tells(keeps).attachments()).isEmpty();
        story.people().mapNetwork(new NetworkMappingRequest("stockholm", "prod", "amsterdam", "lab"));
        assertThat(story.amsterdam().tells(keeps).attachments().orElseThrow().items().getFirst().adapters().getFirst()
                .network()).contains("lab");
    }

    @Test
    void anOpenTestIsInNobodysWayAndCanBeCleanedUpAfterwards() {
        ItemId item = story.protectedItem();
        story.ended(story.people().testFailover(item.toString(), TestFailoverRequest.isolated()).id());
        tells(story.amsterdam(), failedOver(item));
        assertThat(item(item).state()).isEqualTo("CommitPending");
        story.ended(story.people().cleanUpTestFailover(item.toString(), new CleanupRequest(Optional.empty())).id());
        story.state(item, "CommitPending");
        assertThat(item(item).testFailover()).isEmpty();
        assertThat(item(item).allowedOperations()).contains(Operation.COMMIT);
    }

    @Test
    void completesAFailoverThatStoppedAtTheVault() {
        ItemId item = story.protectedItem();
        story.amsterdam().refuse(AgentCommand.FailOver.class, FailureCode.HYPERVISOR_REFUSED);
        story.ended(story.people().failOver(item.toString(), LATEST).id());
        tells(story.amsterdam(), failedOver(item));
        story.state(item, "CommitPending");
    }
}
