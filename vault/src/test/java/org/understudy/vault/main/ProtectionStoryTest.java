package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.understudy.api.AuditView;
import org.understudy.api.CleanupRequest;
import org.understudy.api.DisableRequest;
import org.understudy.api.DryRunView;
import org.understudy.api.FailoverRequest;
import org.understudy.api.HealthView;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.NetworkMappingRequest;
import org.understudy.api.Operation;
import org.understudy.api.PauseRequest;
import org.understudy.api.PolicyRequest;
import org.understudy.api.ProtectRequest;
import org.understudy.api.TestFailoverRequest;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.command.AgentReport;
import org.understudy.command.PointChoice;
import org.understudy.command.TestNetwork;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VirtualNetwork;

/** The main job as the vault sees it: protect, test, clean up, fail over, commit, with every step's commands. */
class ProtectionStoryTest extends TellsAStory {
    private static final FailoverRequest LATEST = FailoverRequest.latest();

    private static <T> T last(List<AgentCommand> asked, Class<T> kind) {
        return asked.stream().filter(kind::isInstance).map(kind::cast).reduce((one, two) -> two).orElseThrow();
    }

    private String item() {
        return story.protectedItem().toString();
    }

    @Test
    void enablesProtectionInTheStepsOfTheSpecificationAndFinalizesItWhenAllIsCovered() {
        JobView job = story.people().protect(ProtectRequest.of("web01"));
        assertThat(job.name()).isEqualTo("Enable protection");
        assertThat(job.steps()).extracting(JobView.Step::name).containsExactly(
                "Prerequisites check for enabling protection", "Identifying replication target",
                "Enable replication", "Starting initial replication", "Updating the provider states");
        ItemId item = ItemId.parse(job.object().orElseThrow().id());
        Awaiting.until(() -> story.stockholm().wasAsked(AgentCommand.StartReplication.class), is -> is);

        var prepare = last(story.amsterdam().asked(), AgentCommand.PrepareReplica.class);
        assertThat(prepare.relationship().generation()).isEqualTo(1);
        assertThat(prepare.sourceHost()).isEqualTo(story.stockholm().host());
        var start = last(story.stockholm().asked(), AgentCommand.StartReplication.class);
        assertThat(start.target().host()).isEqualTo(story.amsterdam().host());
        assertThat(start.settings().copyFrequency()).isEqualTo(Duration.ofSeconds(2));
        Awaiting.until(() -> story.people().job(job.id()).steps().get(3).note().orElse(""),
                note -> note.contains("waiting for the first report of host kvm-sto"));

        story.stockholm().replicates(item, 40, 1);
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        ItemView copying = story.state(item, "InitialReplication");
        assertThat(copying.progress().percent()).isEqualTo(40);
        assertThat(copying.allowedOperations())
                .containsExactly(Operation.PAUSE_REPLICATION, Operation.RESUME_REPLICATION,
                        Operation.DISABLE_PROTECTION);
        Refusals.assertRefused(FailureCode.STATE_FORBIDS,
                () -> story.people().testFailover(item.toString(), TestFailoverRequest.isolated()));

        story.stockholm().replicates(item, 100, 5);
        story.amsterdam().holds(item, 3);
        ItemView done = story.state(item, "Protected");
        assertThat(done.recoveryPoints()).isEqualTo(3);
        assertThat(done.rpoSeconds()).isPresent();
        assertThat(done.health()).isEqualTo(new HealthView(HealthView.Level.NORMAL, List.of()));
        assertThat(story.people().jobs(Optional.of(item.toString()), false)).extracting(JobView::name)
                .containsExactly("Finalize protection on the virtual machine", "Enable protection");
        assertThat(story.people().recoveryPoints("web01")).first()
                .satisfies(point -> assertThat(point.id()).isEqualTo("1-5"));
        story.amsterdam().holds(item, 9);
        assertThat(story.people().item("web01").progress().captured())
                .as("captured, as the target proves though the source did not tell").contains(new LogPosition(1, 11));
    }

    @Tag("slow")
    @Test
    void looksAtTheWholeDefinitionOfAVmWithManyDevices() {
        String definition = "<domain>\n" + "  <controller type='pci' model='pcie-root-port'/>\n".repeat(1000)
                + "</domain>\n";
        story.stockholm().defines(definition);
        item();
        assertThat(story.amsterdam().looks()).first().extracting(AgentCommand.CheckMachine::definition)
                .isEqualTo(Optional.of(definition));
    }

    @Tag("slow")
    @Test
    void failsOverToAnAgentOfTheFirstReleaseThatKnowsNoLook() {
        String item = item();
        story.stockholm().isOfTheFirstRelease();
        story.amsterdam().isOfTheFirstRelease();
        story.amsterdam().report();
        JobView job = story.people().failOver(item, new FailoverRequest(Optional.of("1-4"), Optional.of(true),
                Optional.empty(), Optional.empty()));
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.amsterdam().wasAsked(AgentCommand.FailOver.class)).isTrue();
    }

    @Tag("slow")
    @Test
    void takesAVmThatItsHostCannotReadForOneThatMayRun() {
        String item = item();
        story.stockholm().has(List.of());
        FailoverRequest asIs = new FailoverRequest(
                Optional.empty(), Optional.of(false), Optional.empty(), Optional.empty());
        assertThat(story.people().failOverDryRun(item, asIs).possible()).isTrue();
        story.stockholm().report(new AgentReport.Heartbeat("1", List.of(), List.of(FailureException.of(
                FailureCode.HYPERVISOR_BUSY, "VM web01 does not answer; its QEMU may hang.").failure()),
                Optional.empty()));
        Refusals.assertRefused(FailureCode.SOURCE_STILL_RUNNING, () -> story.people().failOver(item, asIs));
    }

    @Test
    void testsTheFailoverWhileReplicationGoesOnAndCleansUp() {
        String item = item();
        JobView test = story.people().testFailover(item, new TestFailoverRequest(Optional.of("1-4"), Optional.empty()));
        JobView waiting = story.ended(test.id());
        assertThat(waiting.state()).isEqualTo(JobView.State.SUSPENDED);
        assertThat(waiting.stateDescription()).contains("WaitingForStopTestFailover");
        var asked = last(story.amsterdam().asked(), AgentCommand.StartTestFailover.class);
        assertThat(asked.testName()).isEqualTo("web01 - Test");
        assertThat(asked.point()).isEqualTo(new PointChoice.Custom(new LogPosition(1, 4)));
        assertThat(asked.network()).isEqualTo(new TestNetwork.CreateIsolated());

        ItemView testing = story.people().item(item);
        assertThat(testing.state()).isEqualTo("Protected");
        assertThat(testing.stateDescription()).isEqualTo("Cleanup test failover pending");
        assertThat(testing.allowedOperations()).containsExactly(Operation.TEST_FAILOVER_CLEANUP);
        assertThat(testing.testFailover().orElseThrow().point().orElseThrow().id()).isEqualTo("1-4");
        Refusals.assertRefused(FailureCode.STATE_FORBIDS,
                "Failover could not be initiated since test failover is in progress",
                () -> story.people().failOver(item, LATEST));
        Refusals.assertRefused(FailureCode.OPERATION_IN_PROGRESS,
                "An operation is in progress: Test failover (job " + test.id() + ")",
                () -> story.people().testFailover(item, TestFailoverRequest.isolated()));

        JobView cleanup = story.people().cleanUpTestFailover(item, new CleanupRequest(Optional.of("it ran")));
        assertThat(story.ended(cleanup.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(Awaiting.until(() -> story.people().job(test.id()), job -> job.state().isEnded()).state())
                .isEqualTo(JobView.State.SUCCEEDED);
        ItemView after = story.people().item(item);
        assertThat(after.testFailover()).isEmpty();
        assertThat(after.lastSuccessfulTest()).isPresent();
        assertThat(story.amsterdam().wasAsked(AgentCommand.CleanUpTestFailover.class)).isTrue();
    }

    @Tag("slow")
    @Test
    void cleansUpATestWhoseMachineDidNotStart() {
        String item = item();
        story.amsterdam().refuse(AgentCommand.StartTestFailover.class, FailureCode.HYPERVISOR_REFUSED);
        JobView test = story.people().testFailover(item, TestFailoverRequest.isolated());
        assertThat(story.ended(test.id()).error().orElseThrow().code()).isEqualTo(FailureCode.HYPERVISOR_REFUSED);
        assertThat(story.people().item(item).allowedOperations()).containsExactly(Operation.TEST_FAILOVER_CLEANUP);
        JobView cleanup = story.people().cleanUpTestFailover(item, new CleanupRequest(Optional.empty()));
        assertThat(story.ended(cleanup.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.people().item(item).lastSuccessfulTest()).isEmpty();
        assertThat(story.people().item(item).allowedOperations()).contains(Operation.UNPLANNED_FAILOVER);
    }

    @Tag("slow")
    @Test
    void makesNoReplicaOnAHostThatCannotStartTheMachine() {
        story.amsterdam().cannotRun("The host has no UEFI firmware.");
        JobView job = story.ended(story.people().protect(ProtectRequest.of("web01")).id());
        assertThat(job.error().orElseThrow().code()).isEqualTo(FailureCode.TARGET_CANNOT_RUN_VM);
        assertThat(job.error().orElseThrow().message()).contains("web01", "kvm-ams", "UEFI");
        assertThat(story.amsterdam().wasAsked(AgentCommand.PrepareReplica.class)).isFalse();
    }

    @Test
    void saysBeforehandThatTheTargetHasNoRoomAndAsksForTheSizesOfTheDisks() {
        String full = "The file system of folder /var/lib/understudy has no bytes left for replicas.";
        story.amsterdam().cannotRun(full);
        DryRunView dry = story.people().protectDryRun(ProtectRequest.of("web01"));
        assertThat(dry.possible()).isFalse();
        assertThat(dry.checks().stream().flatMap(check -> check.failure().stream()).map(Failure::message).toList())
                .singleElement().asString().contains("web01", "kvm-ams", full);
        AgentCommand.CheckMachine look = last(story.amsterdam().questions(), AgentCommand.CheckMachine.class);
        assertThat(look.disks()).extracting(disk -> disk.size().toString()).containsExactly("1.0 GiB");
        assertThat(story.people().items()).isEmpty();
        JobView job = story.ended(story.people().protect(ProtectRequest.of("web01")).id());
        assertThat(job.error().orElseThrow().message()).contains("web01", "kvm-ams", full);
        assertThat(story.amsterdam().wasAsked(AgentCommand.PrepareReplica.class)).isFalse();
    }

    @Test
    void mapsABridgeByItsOwnName() {
        story.amsterdam().has(List.of(), new VirtualNetwork("bridge:br0", true, List.of()));
        story.people().mapNetwork(new NetworkMappingRequest("stockholm", "prod", "amsterdam", "br0"));
        assertThat(story.people().networkMappings()).extracting(mapping -> mapping.targetNetwork())
                .contains("bridge:br0");
        Refusals.assertRefused(FailureCode.NOT_FOUND, () -> story.people().mapNetwork(
                new NetworkMappingRequest("stockholm", "prod", "amsterdam", "br1")));
    }

    @Tag("slow")
    @Test
    void shutsNothingDownForAFailoverThatTheTargetCannotStart() {
        String item = item();
        story.amsterdam().cannotRun("Another VM named web01 exists on this host.");
        JobView job = story.ended(story.people().failOver(item, LATEST).id());
        assertThat(job.error().orElseThrow().code()).isEqualTo(FailureCode.TARGET_CANNOT_RUN_VM);
        assertThat(job.error().orElseThrow().message()).contains("VM web01", "host kvm-ams", "Another VM named web01");
        assertThat(story.stockholm().wasAsked(AgentCommand.ShutDownMachine.class)).isFalse();
        assertThat(story.amsterdam().wasAsked(AgentCommand.FenceReplica.class)).isFalse();
        assertThat(story.people().item(item).state()).isEqualTo("Protected");
    }

    @Tag("slow")
    @Test
    void refusesAFailoverThatLosesADiskUnlessItIsForcedAndShowsItBefore() {
        String item = item();
        VirtualMachine more = Story.withDisk(Story.web01(PowerState.RUNNING), "vdc");
        story.stockholm().has(List.of(more));
        assertThat(story.people().item(item).health().level()).isEqualTo(HealthView.Level.CRITICAL);
        assertThat(story.people().item(item).health().reasons()).anyMatch(reason -> reason.contains("Disk vdc"));
        assertThat(story.people().failOverDryRun(item, LATEST).possible()).isFalse();
        Refusals.assertRefused(FailureCode.DISK_CHANGED, () -> story.people().failOver(item, LATEST));
        JobView job = story.people().failOver(item, new FailoverRequest(Optional.empty(), Optional.empty(),
                Optional.of(true), Optional.of("the array is gone, vdc was scratch")));
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
    }

    @Tag("slow")
    @Test
    void failsOverAfterShuttingTheSourceDownAndCommits() {
        String item = item();
        JobView job = story.people().failOver(item, LATEST);
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.stockholm().wasAsked(AgentCommand.ShutDownMachine.class)).isTrue();
        assertThat(story.amsterdam().asked()).extracting(command -> command.getClass().getSimpleName())
                .containsSubsequence("FenceReplica", "FailOver");
        assertThat(last(story.amsterdam().asked(), AgentCommand.FailOver.class).adapters())
                .containsExactly(new AdapterAttachment(
                        0, "52:54:00:00:00:01", Optional.of("prod-ams"), Optional.of("web")));
        ItemView pending = story.people().item(item);
        assertThat(pending.state()).isEqualTo("CommitPending");
        assertThat(pending.activeLocation()).isEqualTo(ItemView.ActiveLocation.TARGET);
        assertThat(pending.failedOverTo()).isPresent();
        assertThat(pending.rpoSeconds()).isEmpty();
        assertThat(pending.health().level()).isEqualTo(HealthView.Level.WARNING);
        story.stockholm().has(List.of(Story.web01(PowerState.RUNNING)));
        assertThat(story.people().item(item).health().level()).as("two copies run")
                .isEqualTo(HealthView.Level.CRITICAL);
        story.stockholm().has(List.of(Story.web01(PowerState.SHUT_OFF)));

        assertThat(story.ended(story.people().commit(item).id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.people().item(item).state()).isEqualTo("Committed");
        assertThat(story.amsterdam().wasAsked(AgentCommand.CommitFailover.class)).isTrue();
        assertThat(story.people().audit(100)).extracting(AuditView::action)
                .contains("Failover", "Commit", "Enable protection");
    }

    @Tag("slow")
    @Test
    void failsOverWithoutTheSourceSite() {
        ItemId item = story.protectedItem();
        story.stockholm().fallSilent();
        story.clock().move(Duration.ofMinutes(2));
        story.amsterdam().holds(item, 3);
        assertThat(story.people().host("kvm-sto").connected()).isFalse();
        JobView job = story.ended(story.people().failOver("web01", LATEST).id());
        assertThat(job.state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(job.steps().get(1).state()).isEqualTo(JobView.State.SKIPPED);
        assertThat(story.people().item("web01").state()).isEqualTo("CommitPending");
    }

    @Tag("slow")
    @Test
    void refusesAFailoverWhoseSourceStillRunsUnlessItIsForcedWithAReason() {
        String item = item();
        Optional<Boolean> no = Optional.of(false);
        Optional<Boolean> yes = Optional.of(true);
        Refusals.assertRefused(FailureCode.SOURCE_STILL_RUNNING, "web01 still runs on host kvm-sto",
                () -> story.people().failOver(item,
                        new FailoverRequest(Optional.empty(), no, Optional.empty(), Optional.empty())));
        Refusals.assertRefused(FailureCode.REQUEST_INVALID, () -> story.people().failOver(item,
                new FailoverRequest(Optional.empty(), no, yes, Optional.empty())));
        JobView job = story.people().failOver(item,
                new FailoverRequest(Optional.empty(), no, yes, Optional.of("the rack is on fire")));
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.people().audit(100)).extracting(entry -> entry.object().orElse(""))
                .anySatisfy(object -> assertThat(object).contains("forced: the rack is on fire"));
    }

    @Tag("slow")
    @Test
    void stopsWhenTheSourceAnswersThatItCouldNotShutDownAndGoesOnAfterARestart() {
        String item = item();
        story.stockholm().refuse(AgentCommand.ShutDownMachine.class, FailureCode.HYPERVISOR_REFUSED);
        JobView job = story.ended(story.people().failOver(item, LATEST).id());
        assertThat(job.error().orElseThrow().code()).isEqualTo(FailureCode.SOURCE_STILL_RUNNING);
        assertThat(story.people().item(item).state()).isEqualTo("Protected");
        story.stockholm().obey();
        story.people().restart(job.id());
        assertThat(Awaiting.until(() -> story.people().job(job.id()), again -> again.state().isEnded()
                && again.error().isEmpty()).state()).isEqualTo(JobView.State.SUCCEEDED);
    }

    @Tag("slow")
    @Test
    void refusesASecondOperationAndNamesTheFirst() {
        story.amsterdam().fallSilent();
        JobView first = story.people().protect(ProtectRequest.of("web01"));
        Refusals.assertRefused(FailureCode.OPERATION_IN_PROGRESS,
                "An operation is in progress: Enable protection (job " + first.id() + ")",
                () -> story.people().disable("web01", DisableRequest.asPolicySays()));
    }

    @Tag("slow")
    @Test
    void disablesProtectionAndRemovesTheReplicaOnlyWhenToldTo() {
        String item = item();
        JobView job = story.people().disable(item, new DisableRequest(Optional.of(true), Optional.empty()));
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.people().items()).isEmpty();
        assertThat(story.stockholm().wasAsked(AgentCommand.StopReplication.class)).isTrue();
        assertThat(story.amsterdam().wasAsked(AgentCommand.RemoveReplica.class)).isTrue();

        String again = item();
        story.ended(story.people().disable(again, DisableRequest.asPolicySays()).id());
        assertThat(last(story.amsterdam().asked(), AgentCommand.class)).isInstanceOf(AgentCommand.FenceReplica.class);
    }

    @Tag("slow")
    @Test
    void goesOnAfterTheVaultWasRestartedInTheMiddleOfAJob() throws IOException {
        story.amsterdam().takeWithoutAnswer(AgentCommand.PrepareReplica.class);
        JobView job = story.people().protect(ProtectRequest.of("web01"));
        ItemId item = ItemId.parse(job.object().orElseThrow().id());
        Awaiting.until(() -> story.people().job(job.id()).steps().get(2).state(),
                state -> state == JobView.State.IN_PROGRESS);
        story.restart();
        story.clock().move(Duration.ofMinutes(1));
        story.stockholm().close();
        story.join();
        story.stockholm().has(List.of(Story.web01(PowerState.RUNNING)));
        Awaiting.until(() -> story.stockholm().wasAsked(AgentCommand.StartReplication.class), is -> is);
        story.stockholm().replicates(item, 10, 1);
        assertThat(story.ended(job.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
    }

    @Tag("slow")
    @Test
    void showsTroubleHealthAndADivergedChain() {
        ItemId item = story.protectedItem();
        story.stockholm().isInTrouble(item, FailureCode.TARGET_STORAGE_FULL);
        ItemView full = story.people().item("web01");
        assertThat(full.trouble().orElseThrow().code()).isEqualTo(FailureCode.TARGET_STORAGE_FULL);
        assertThat(full.health().level()).isEqualTo(HealthView.Level.CRITICAL);
        story.stockholm().isInTrouble(item, FailureCode.RESYNCHRONIZATION_REQUIRED);
        assertThat(story.people().item("web01").state()).isEqualTo("ResynchronizationRequired");
        story.stockholm().replicates(item, 100, 9);
        assertThat(story.people().item("web01").state()).isEqualTo("Protected");
    }

    @Tag("slow")
    @Test
    void isProtectedAgainByItselfWhenItsDisksWereCoveredAnew() {
        ItemId item = story.protectedItem();
        story.stockholm().coversAnew(item, Optional.empty());
        assertThat(story.people().item("web01").state()).isEqualTo("ResynchronizationRequired");
        story.stockholm().coversAnew(item, Optional.of(FailureCode.LINK_LOST));
        assertThat(story.people().item("web01").state()).as("another trouble ends no resynchronisation")
                .isEqualTo("ResynchronizationRequired");
        story.stockholm().replicates(item, 100, 9);
        assertThat(story.people().item("web01").state()).isEqualTo("Protected");
    }

    @Tag("slow")
    @Test
    void tellsTheSourceAloneToGoOnWhenAPersonHasDealtWithWhatItStoodStillFor() {
        ItemId item = story.protectedItem();
        story.stockholm().isInTrouble(item, FailureCode.DISK_CHANGED);
        assertThat(story.people().item("web01").health().reasons()).first().asString()
                .contains("stands still: the script says so");
        JobView job = story.ended(story.people().resume("web01").id());
        assertThat(job.name()).isEqualTo("Resume replication");
        assertThat(job.steps()).extracting(JobView.Step::name).containsExactly("Resuming replication");
        assertThat(job.state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(last(story.stockholm().asked(), AgentCommand.class))
                .isEqualTo(new AgentCommand.ResumeReplication(RelationshipId.first(item)));
        assertThat(story.amsterdam().wasAsked(AgentCommand.ResumeReplication.class)).isFalse();
        assertThat(story.people().audit(10)).extracting(AuditView::action).contains("Resume replication");
    }

    @Tag("slow")
    @Test
    void pausesAtTheSourceAloneAndTellsItWhoAsked() {
        ItemId item = story.protectedItem();
        JobView job = story.ended(story.people().pause("web01", new PauseRequest(Optional.of(true))).id());
        assertThat(job.name()).isEqualTo("Pause replication");
        assertThat(job.state()).isEqualTo(JobView.State.SUCCEEDED);
        AgentCommand.PauseReplication asked =
                last(story.stockholm().asked(), AgentCommand.PauseReplication.class);
        assertThat(asked.relationship().item()).isEqualTo(item);
        assertThat(asked.by()).isNotBlank();
        assertThat(asked.release()).isTrue();
        assertThat(story.amsterdam().wasAsked(AgentCommand.PauseReplication.class)).isFalse();
        assertThat(story.people().audit(10)).extracting(AuditView::action).contains("Pause replication");
    }

    @Test
    void doesNotResumeWhatWasFailedOver() {
        String item = item();
        story.ended(story.people().failOver(item, LATEST).id());
        Refusals.assertRefused(FailureCode.STATE_FORBIDS, "resume replication is not possible for item web01",
                () -> story.people().resume(item));
        assertThat(story.stockholm().wasAsked(AgentCommand.ResumeReplication.class)).isFalse();
    }

    @Tag("slow")
    @Test
    void tellsBothAgentsWhenThePolicyChanges() {
        ItemId item = story.protectedItem();
        story.people().changePolicy("fast", PolicyRequest.named("fast", Duration.ofSeconds(30)));
        story.stockholm().replicates(item, 100, 6);
        Awaiting.until(() -> last(story.stockholm().asked(), AgentCommand.StartReplication.class).settings(),
                settings -> settings.copyFrequency().equals(Duration.ofSeconds(30)));
        story.state(item, "Protected");
        story.stockholm().replicates(item, 100, 7);
        assertThat(story.people().jobs(Optional.of(item.toString()), false))
                .filteredOn(job -> job.name().equals("Update replication settings")).hasSize(1);
    }

    @Tag("slow")
    @Test
    void disablesWhatWasNeverPreparedAtTheTarget() {
        story.amsterdam().refuse(AgentCommand.PrepareReplica.class, FailureCode.HYPERVISOR_REFUSED);
        story.amsterdam().refuse(AgentCommand.FenceReplica.class, FailureCode.NOT_FOUND);
        JobView enable = story.ended(story.people().protect(ProtectRequest.of("web01")).id());
        assertThat(enable.state()).isEqualTo(JobView.State.FAILED);
        assertThat(enable.allowedActions()).containsExactly(JobView.Action.RESTART);
        JobView disable = story.people().disable("web01", DisableRequest.asPolicySays());
        assertThat(story.ended(disable.id()).state()).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.people().items()).isEmpty();
    }
}
