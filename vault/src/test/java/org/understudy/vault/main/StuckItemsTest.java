package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.api.CleanupRequest;
import org.understudy.api.DisableRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.HealthView;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.Operation;
import org.understudy.api.TestFailoverRequest;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport.Heartbeat;
import org.understudy.command.PointChoice;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.JobId;
import org.understudy.vault.item.EndReason;
import org.understudy.vault.item.FailoverKind;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.TargetCopy;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;


/** That no item stays where nothing that is offered leads out, whoever died in between. */
@Tag("slow")
@Timeout(300)
class StuckItemsTest extends TellsAStory {
    private static final FailoverRequest LATEST = FailoverRequest.latest();
    /** How many items are led out at once. */
    private static final int PEOPLE = 12;
    private static final CleanupRequest FORGET = new CleanupRequest(Optional.empty(), Optional.of(true));

    private JobView.State ended(JobView job) {
        return story.ended(job.id()).state();
    }

    @Test
    void offersNoRestartOfATestThatWasCleanedUp() {
        String item = story.protectedItem().toString();
        story.amsterdam().refuse(AgentCommand.StartTestFailover.class, FailureCode.HYPERVISOR_REFUSED);
        JobView test = story.people().testFailover(item, TestFailoverRequest.isolated());
        assertThat(ended(test)).isEqualTo(JobView.State.FAILED);
        assertThat(story.people().job(test.id()).allowedActions()).contains(JobView.Action.RESTART);
        assertThat(ended(story.people().cleanUpTestFailover(item, new CleanupRequest(Optional.empty()))))
                .isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.people().job(test.id()).allowedActions()).isEmpty();
        Refusals.assertRefused(FailureCode.STATE_FORBIDS, () -> story.people().restart(test.id()));
        story.amsterdam().obey();
        assertThat(ended(story.people().failOver(item, LATEST))).isEqualTo(JobView.State.SUCCEEDED);
    }

    @Tag("slow")
    @Test
    void cleansUpATestWhoseTargetIsGoneForGood() {
        ItemId item = story.protectedItem();
        JobView test = story.people().testFailover(item.toString(), TestFailoverRequest.isolated());
        ended(test);
        story.amsterdam().fallSilent();
        story.clock().move(Duration.ofMinutes(1));
        assertThat(ended(story.people().cleanUpTestFailover(item.toString(), FORGET)))
                .isEqualTo(JobView.State.SUCCEEDED);
        Awaiting.until(() -> story.people().job(test.id()).state(), JobView.State::isEnded);
        story.stockholm().report(new Heartbeat("0.1.0"));
        assertThat(ended(story.people().disable(item.toString(),
                new DisableRequest(Optional.of(false), Optional.of(true))))).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.people().items()).isEmpty();
    }

    @Test
    void cleansUpATestAtAHostThatHasNoReplicaAnyMore() {
        ItemId item = story.protectedItem();
        ended(story.people().testFailover(item.toString(), TestFailoverRequest.isolated()));
        story.amsterdam().refuse(AgentCommand.CleanUpTestFailover.class, FailureCode.NOT_FOUND);
        assertThat(ended(story.people().cleanUpTestFailover(item.toString(), new CleanupRequest(Optional.empty()))))
                .isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.people().item(item.toString()).allowedOperations()).contains(Operation.UNPLANNED_FAILOVER);
    }

    @Test
    void cleansUpATestThatIsStillBeingStarted() {
        ItemId item = story.protectedItem();
        story.amsterdam().takeWithoutAnswer(AgentCommand.StartTestFailover.class);
        JobView test = story.people().testFailover(item.toString(), TestFailoverRequest.isolated());
        story.amsterdam().hasTaken(AgentCommand.StartTestFailover.class);
        story.people().cleanUpTestFailover(item.toString(), new CleanupRequest(Optional.empty()));
        assertThat(story.ended(test.id()).state()).isEqualTo(JobView.State.CANCELLED);
        story.state(item, "Protected");
        assertThat(story.people().item(item.toString()).testFailover()).isEmpty();
    }

    @Test
    void takesAFailoverBackThatStoppedAtTheFence() {
        ItemId item = story.protectedItem();
        story.amsterdam().refuse(AgentCommand.FenceReplica.class, FailureCode.HYPERVISOR_REFUSED);
        JobView failover = story.people().failOver(item.toString(), LATEST);
        assertThat(ended(failover)).isEqualTo(JobView.State.FAILED);
        ItemView stopped = story.people().item(item.toString());
        assertThat(stopped.health().level()).isEqualTo(HealthView.Level.CRITICAL);
        assertThat(stopped.allowedOperations()).contains(Operation.ABANDON_FAILOVER);
        assertThat(ended(story.people().abandonFailover(item.toString()))).isEqualTo(JobView.State.SUCCEEDED);
        story.state(item, "Protected");
        assertThat(story.amsterdam().wasAsked(AgentCommand.ReleaseReplica.class)).isTrue();
        assertThat(story.stockholm().wasAsked(AgentCommand.ResumeReplication.class)).isTrue();
        assertThat(story.people().job(failover.id()).allowedActions()).isEmpty();
        story.amsterdam().obey();
        assertThat(ended(story.people().failOver(item.toString(), LATEST))).isEqualTo(JobView.State.SUCCEEDED);
    }

    @Test
    void removesTheReplicaOfAFailoverThatNeverStartedItsVm() {
        ItemId item = story.protectedItem();
        story.amsterdam().refuse(AgentCommand.FailOver.class, FailureCode.HYPERVISOR_REFUSED);
        ended(story.people().failOver(item.toString(), LATEST));
        assertThat(ended(story.people().disable(item.toString(),
                new DisableRequest(Optional.of(true), Optional.empty())))).isEqualTo(JobView.State.SUCCEEDED);
        assertThat(story.amsterdam().wasAsked(AgentCommand.RemoveReplica.class)).isTrue();
    }

    /** A job that an item may have, in a state in which it may be left. */
    private record Left(String type, List<String> steps, int step, String state) {
        private static final List<String> TEST = List.of("prerequisites", "create", "start", "complete");
        private static final List<String> FAILOVER = List.of("prerequisites", "shut-down", "fence", "start");

        static List<Optional<Left>> all() {
            return List.of(Optional.empty(),
                    Optional.of(new Left("Test failover", TEST, 2, "FAILED")),
                    Optional.of(new Left("Test failover", TEST, 2, "CANCELLED")),
                    Optional.of(new Left("Test failover", TEST, 3, "SUSPENDED")),
                    Optional.of(new Left("Test failover", TEST, 3, "CANCELLING")),
                    Optional.of(new Left("Failover", FAILOVER, 2, "FAILED")),
                    Optional.of(new Left("Failover", FAILOVER, 3, "FAILED")));
        }

        boolean isActive() {
            return state.equals("SUSPENDED") || state.equals("CANCELLING");
        }
    }

    private List<ProtectionState> states() {
        Failure failure = FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED, "the bitmap is gone").failure();
        return List.of(new ProtectionState.Enabling(), new ProtectionState.InitialReplication(),
                new ProtectionState.Protected(), new ProtectionState.ResynchronizationRequired(failure),
                new ProtectionState.FailingOver(FailoverKind.UNPLANNED, new PointChoice.Latest()),
                new ProtectionState.CommitPending(FailoverKind.UNPLANNED, story.amsterdam().point(4)),
                new ProtectionState.Committed(story.amsterdam().point(4)),
                new ProtectionState.Disabling(EndReason.NOT_SPECIFIED, TargetCopy.REPLICA));
    }

    @Tag("slow")
    @Test
    void leadsOutOfEveryStateWithEveryJobWhoeverIsAlive() throws IOException {
        String template = template(story.protectedItem());
        try (Story.Tables tables = story.tables()) {
            leadOut(tables.database(), template);
            story.amsterdam().fallSilent();
            story.clock().move(Duration.ofMinutes(1));
            story.stockholm().report(new Heartbeat("0.1.0"));
            leadOut(tables.database(), template);
            story.stockholm().fallSilent();
            story.clock().move(Duration.ofMinutes(1));
            leadOut(tables.database(), template);
        }
    }

    private String template(ItemId item) throws IOException {
        try (Story.Tables tables = story.tables()) {
            return tables.database().first("select to_jsonb(p)::text as item from protected_item p where id = ?",
                    row -> row.text("item"), item.value()).orElseThrow();
        }
    }

    private void leadOut(Database database, String template) {
        List<ItemId> items = new ArrayList<>();
        for (ProtectionState state : states()) {
            for (Optional<Left> job : Left.all()) {
                items.add(put(database, template, state, job, false));
                boolean mayBeTested = state instanceof ProtectionState.Protected
                        || state instanceof ProtectionState.ResynchronizationRequired;
                if (mayBeTested && job.filter(left -> left.type().equals("Failover")).isEmpty()) {
                    items.add(put(database, template, state, job, true));
                }
            }
        }
        try (ExecutorService people = Executors.newFixedThreadPool(PEOPLE)) {
            List<Future<?>> ways = items.stream().<Future<?>>map(item -> people.submit(() -> leadOut(item))).toList();
            for (Future<?> way : ways) {
                way.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Optional<ItemView> look(ItemId item) {
        try {
            return Optional.of(story.people().item(item.toString()));
        } catch (FailureException e) {
            assertThat(e.failure().code()).isEqualTo(FailureCode.NOT_FOUND);
            return Optional.empty();
        }
    }

    private void leadOut(ItemId item) {
        List<String> path = new ArrayList<>();
        for (int asked = 0; asked < 4; asked++) {
            Optional<ItemView> view = look(item);
            if (view.isEmpty()) {
                return;
            }
            path.add(view.get().state() + " offers " + view.get().allowedOperations());
            Optional<JobView> running = view.get().currentJob().map(job -> Awaiting.until(
                    () -> story.people().job(job.id()),
                    now -> now.state().isEnded() || now.state() == JobView.State.SUSPENDED));
            if (view.get().allowedOperations().contains(Operation.TEST_FAILOVER_CLEANUP)) {
                ended(story.people().cleanUpTestFailover(item.toString(), FORGET));
                running.ifPresent(job -> Awaiting.until(() -> story.people().job(job.id()).state(),
                        JobView.State::isEnded));
            } else if (running.filter(job -> job.allowedActions().contains(JobView.Action.RESUME)).isPresent()) {
                story.people().resume(running.get().id());
                Awaiting.until(() -> story.people().job(running.get().id()).state(), JobView.State::isEnded);
            } else {
                JobView disabled = story.people().disable(item.toString(),
                        new DisableRequest(Optional.of(false), Optional.of(true)));
                assertThat(ended(disabled)).as("%s", path).isEqualTo(JobView.State.SUCCEEDED);
            }
        }
        assertThat(path).as("a way out").isNull();
    }

    private ItemId put(Database database, String template, ProtectionState state, Optional<Left> left, boolean open) {
        ItemId item = ItemId.random();
        JobId job = JobId.random();
        database.transact(() -> {
            database.update("""
                    insert into protected_item select p.* from jsonb_populate_record(null::protected_item,
                        ?::jsonb || jsonb_build_object('id', ?::text, 'vm', ?::text, 'state', ?::text,
                            'state_facts', ?::jsonb)) p
                    """, template, item.toString(), UUID.randomUUID().toString(), state.name(), JsonColumn.of(state));
            database.update("""
                    insert into relationship (item, generation, source_host, target_host, told, begun)
                    select ?, generation, source_host, target_host, told, begun from relationship
                    where item = (?::jsonb->>'id')::uuid
                    """, item.value(), template);
            left.ifPresent(known -> put(database, item, job, known));
            if (open) {
                database.update("""
                        insert into test_failover (item, job, phase, vm_name, network)
                        values (?, ?, 'WAITING_FOR_CLEANUP', 'web01 - Test', 'isolated')
                        """, item.value(), job.value());
            }
        });
        return item;
    }

    private static void put(Database database, ItemId item, JobId job, Left left) {
        String input = left.type().equals("Failover")
                ? "{\"point\":{\"choice\":\"latest\"},\"shutDownSource\":true,\"forced\":false}" : "{}";
        database.update("""
                insert into job (id, type, target_kind, target_id, target_name, started_by, input, state, step,
                    created_at, due_at, ended_at)
                values (?, ?, 'item', ?, 'web01', 'anna', ?::jsonb, ?, ?, now(),
                    case when ? = 'CANCELLING' then now() end, case when ? then null else now() end)
                """, job.value(), left.type(), item.toString(), input, left.state(), left.step(), left.state(),
                left.isActive());
        for (int ordinal = 0; ordinal < left.steps().size(); ordinal++) {
            String stepState = ordinal < left.step() ? "SUCCEEDED"
                    : ordinal > left.step() ? "NOT_STARTED" : left.isActive() ? "SUSPENDED" : left.state();
            database.update("""
                    insert into job_step (job, ordinal, id, name, cancellable, state) values (?, ?, ?, ?, false, ?)
                    """, job.value(), ordinal, left.steps().get(ordinal), left.steps().get(ordinal), stepState);
        }
    }
}
