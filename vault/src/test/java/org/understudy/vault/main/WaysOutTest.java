package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.Named;
import org.understudy.api.Operation;
import org.understudy.command.AgentReport.Heartbeat;
import org.understudy.command.PointChoice;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.JobId;
import org.understudy.model.LogPosition;
import org.understudy.vault.item.AllowedOperations;
import org.understudy.vault.item.EndReason;
import org.understudy.vault.item.FailoverKind;
import org.understudy.vault.item.ProtectionState;
import org.understudy.vault.item.TargetCopy;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;

/**
 * That an offered action leads out of wherever an item can stand, whoever lives: every {@link Standing} is put into a
 * vault that works, every action that is offered there is taken first, and what is offered then is followed until the
 * item rests: protected, committed or gone. As every end that an action has is a standing of the set again, no way of
 * taking actions ends where nothing leads out. Some of the ways each time, and all in a campaign.
 */
@Tag("slow")
@Timeout(900)
class WaysOutTest extends TellsAStory {
    /** How many items are led out at once. */
    private static final int PEOPLE = 12;
    /** More than any step waits for an agent that is gone. */
    private static final Duration PATIENCE = Duration.ofMinutes(31);
    /** More than a job has steps. */
    private static final int TRIES = 10;
    private static final int ROUNDS = 8;
    private static final Heartbeat ALIVE = new Heartbeat("0.1.0");
    private static final Map<Operation, Object> FORGET = bodies();
    /** What every job is told: each reads the part that it knows. */
    private static final String INPUT = """
            {"point":{"choice":"latest"},"shutDownSource":true,"forced":false,"network":{"kind":"none"},"by":"anna",
             "release":false,"deleteReplica":false,"forget":true,"startSource":%s,
             "letGo":{"generation":1,"sequence":3}}""";
    /** What the steps before noted, likewise. */
    private static final String NOTES = """
            {"told":"what was so","ran":true,"generation":1,"sequence":7,"shutDown":true,"base":"EQUAL"}""";
    /** Of so many ways one is gone, each time others; {@code ./dev campaign ways-out} goes them all. */
    private static final int ONE_OF = Integer.getInteger("understudy.ways.one-of", 8);
    private static final long SEED = Long.getLong("understudy.seed", System.nanoTime() & 0xffff_ffffL);

    private List<ProtectionState> states() {
        Failure failure = FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED, "the bitmap is gone").failure();
        return List.of(new ProtectionState.Enabling(), new ProtectionState.InitialReplication(),
                new ProtectionState.Protected(), new ProtectionState.ResynchronizationRequired(failure),
                new ProtectionState.FailingOver(FailoverKind.UNPLANNED, new PointChoice.Latest()),
                new ProtectionState.FailingOver(
                        FailoverKind.PLANNED, new PointChoice.Custom(new LogPosition(1, 7))),
                new ProtectionState.CommitPending(FailoverKind.UNPLANNED, story.amsterdam().point(4)),
                new ProtectionState.CommitPending(FailoverKind.PLANNED, story.amsterdam().point(4)),
                new ProtectionState.Committed(story.amsterdam().point(4)),
                new ProtectionState.Reversing(story.amsterdam().point(4), false),
                new ProtectionState.Reversing(story.amsterdam().point(4), true),
                new ProtectionState.Reversing(story.amsterdam().point(4), false)
                        .failOver(FailoverKind.UNPLANNED, new PointChoice.Latest()),
                new ProtectionState.Disabling(EndReason.NOT_SPECIFIED, TargetCopy.REPLICA),
                new ProtectionState.Disabling(EndReason.NOT_SPECIFIED, TargetCopy.BEGAN_TO_START),
                new ProtectionState.Disabling(EndReason.MIGRATION_COMPLETE, TargetCopy.RUNS));
    }

    @Test
    void namesEveryState() {
        assertThat(states().stream().map(ProtectionState::name).distinct().count()).isEqualTo(Standing.kinds());
    }

    @Test
    void everyOfferedActionLeadsOutWhileBothHostsLive() throws IOException {
        leadOut(true, true);
    }

    @Test
    void anOfferedActionLeadsOutWhenTheTargetIsGone() throws IOException {
        leadOut(true, false);
    }

    @Test
    void anOfferedActionLeadsOutWhenTheSourceIsGone() throws IOException {
        leadOut(false, true);
    }

    @Test
    void anOfferedActionLeadsOutWhenBothAreGone() throws IOException {
        leadOut(false, false);
    }

    private void leadOut(boolean sourceLives, boolean targetLives) throws IOException {
        ItemId model = story.protectedItem();
        try (Story.Tables tables = story.tables()) {
            Database database = tables.database();
            String template = database.first("select to_jsonb(p)::text as item from protected_item p where id = ?",
                    row -> row.text("item"), model.value()).orElseThrow();
            List<Start> starts = starts(standing -> sourceLives && targetLives || standing.dependsOnHosts());
            List<Way> ways = starts.stream().map(start -> new Way(
                    put(database, template, start.standing().state()), start, targetLives)).toList();
            each(ways, way -> story.amsterdam().holds(way.item, 3));
            if (!targetLives) {
                story.amsterdam().fallSilent();
            }
            if (!sourceLives) {
                story.stockholm().fallSilent();
            }
            pass(Duration.ofMinutes(1), sourceLives, targetLives);
            each(ways, way -> put(database, way.item, way.standing));
            List<Way> open = ways;
            for (int round = 0; round < ROUNDS && !open.isEmpty(); round++) {
                each(open, Way::follow);
                open = open.stream().filter(way -> !way.rests).toList();
                if (open.stream().anyMatch(way -> way.waits)) {
                    pass(PATIENCE, sourceLives, targetLives);
                    awaitLooks(database);
                }
            }
            assertThat(open).as("ways that lead nowhere, of %d", ways.size()).isEmpty();
            System.out.printf("%d ways out, source %s, target %s%n", ways.size(),
                    sourceLives ? "lives" : "gone", targetLives ? "lives" : "gone");
        }
    }

    /** Where ways begin: all, or some of them, of which the same seed makes the same. */
    private List<Start> starts(Predicate<Standing> which) {
        List<Start> all = new ArrayList<>();
        Standing.all(states()).stream().filter(which).forEach(standing ->
                Act.of(standing).forEach(first -> all.add(new Start(standing, first))));
        Collections.shuffle(all, new Random(SEED));
        System.out.printf("one of %d of %d ways: -Dunderstudy.ways.one-of=%1$d -Dunderstudy.seed=%d%n", ONE_OF,
                all.size(), SEED);
        return all.subList(0, Math.ceilDiv(all.size(), ONE_OF));
    }

    /** Where a way begins, and with what. */
    private record Start(Standing standing, Act first) {}

    private void pass(Duration time, boolean sourceLives, boolean targetLives) {
        story.clock().pass(time, () -> {
            if (sourceLives) {
                story.stockholm().report(ALIVE);
            }
            if (targetLives) {
                story.amsterdam().report(ALIVE);
            }
        });
    }

    /** Until each job that is due now was looked at: when there are few, nothing else wakes their runner. */
    private void awaitLooks(Database database) {
        Instant now = story.clock().instant();
        Awaiting.until(() -> database.first("select count(*) as due from job where ended_at is null and due_at <= ?",
                row -> row.number("due"), now).orElseThrow(), due -> due == 0);
    }

    private static void each(List<Way> ways, Consumer<Way> what) {
        try (ExecutorService people = Executors.newFixedThreadPool(PEOPLE)) {
            List<Future<?>> all = ways.stream().<Future<?>>map(way -> people.submit(() -> what.accept(way))).toList();
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The first action on a way: an operation on the item, one on its job, or nothing special. */
    private record Act(Optional<Operation> operation, Optional<JobView.Action> action) {
        static List<Act> of(Standing standing) {
            Act none = new Act(Optional.empty(), Optional.empty());
            if (standing.job().isPresent()) {
                // What an operation meets does not follow from a job that ended, but whether that may go on does.
                return List.of(standing.job().get().isActive() ? none
                        : new Act(Optional.empty(), Optional.of(JobView.Action.RESTART)));
            }
            return Stream.concat(Stream.of(none), AllowedOperations.in(standing.state(), standing.testOpen()).stream()
                    .map(operation -> new Act(Optional.of(operation), Optional.empty()))).toList();
        }
    }

    /** One item on its way from a standing to rest. */
    private final class Way {
        private final ItemId item;
        private final Standing standing;
        private final boolean targetLives;
        private final List<String> path = new ArrayList<>();
        private Optional<Act> first;
        private boolean triedOnce;
        private boolean waits;
        private boolean rests;

        Way(ItemId item, Start start, boolean targetLives) {
            this.item = item;
            this.standing = start.standing();
            this.first = Optional.of(start.first());
            this.targetLives = targetLives;
        }

        /** Goes on until the item rests, or a job waits for time to pass. */
        void follow() {
            waits = false;
            first.ifPresent(this::take);
            first = Optional.empty();
            for (int asked = 0; asked < 12 && !rests && !waits; asked++) {
                goOn();
            }
        }

        private void goOn() {
            // What is offered is looked at once its job has come as far as it comes by itself.
            Optional<JobView> active = look().flatMap(ItemView::currentJob).map(job -> settled(job.id()))
                    .filter(job -> !job.state().isEnded());
            Optional<ItemView> view = look();
            if (view.isEmpty()) {
                rests = true;
                return;
            }
            if (!view.get().currentJob().map(Named::id).equals(active.map(JobView::id))) {
                return; // Another job works on it by now.
            }
            path.add(view.get().state());
            List<Operation> allowed = view.get().allowedOperations();
            if (active.isPresent() && active.get().state() != JobView.State.SUSPENDED) {
                waitFor(active.get());
            } else if (allowed.contains(Operation.TEST_FAILOVER_CLEANUP)) {
                ask(Operation.TEST_FAILOVER_CLEANUP);
            } else if (active.isPresent()) {
                path.add("resume");
                act(JobView.Action.RESUME, active.get().id());
            } else {
                leave(view.get().state(), allowed);
            }
        }

        /** A job towards a host that is gone: it is cancelled where that is offered, and else it ends after a time. */
        private void waitFor(JobView job) {
            if (job.allowedActions().contains(JobView.Action.CANCEL)) {
                path.add("cancel");
                act(JobView.Action.CANCEL, job.id());
            } else {
                path.add(job.name() + " waits");
                waits = true;
            }
        }

        private void leave(String state, List<Operation> allowed) {
            switch (state) {
                case "Protected", "Committed" -> rests = true;
                case "FailingOver" -> {
                    ask(targetLives && !triedOnce ? Operation.UNPLANNED_FAILOVER : Operation.DISABLE_PROTECTION);
                    triedOnce = true;
                }
                case "CommitPending" -> ask(targetLives ? Operation.COMMIT : Operation.DISABLE_PROTECTION);
                default -> {
                    assertThat(allowed).as("%s", this).contains(Operation.DISABLE_PROTECTION);
                    ask(Operation.DISABLE_PROTECTION);
                }
            }
        }

        private void take(Act act) {
            act.operation().ifPresent(this::ask);
            act.action().ifPresent(action -> story.people().jobs(Optional.of(item.toString()), false).stream()
                    .filter(job -> job.allowedActions().contains(action)).findFirst().ifPresent(job -> {
                        path.add(action + " " + job.name());
                        act(action, job.id());
                    }));
        }

        /**
         * Done, or refused because the job went on meanwhile. A job that passes through a step in which it cannot be
         * cancelled offers that again behind it: then it is asked again.
         */
        private void act(JobView.Action action, JobId job) {
            String refusal = "";
            for (int tries = 0; tries < TRIES; tries++) {
                try {
                    switch (action) {
                        case CANCEL -> story.people().cancel(job);
                        case RESTART -> story.people().restart(job);
                        case RESUME -> story.people().resume(job);
                    }
                    return;
                } catch (FailureException e) {
                    refusal = e.getMessage();
                    path.add("refused " + e.failure().code());
                    if (!story.people().job(job).allowedActions().contains(action)) {
                        return;
                    }
                }
            }
            throw new AssertionError(this + ": refused " + TRIES + " times and offered: " + refusal);
        }

        /** What is offered is begun, or refused for what is so just now; never for the state that offered it. */
        private void ask(Operation operation) {
            path.add(operation.name());
            tolerate(() -> story.people().operate(item.toString(), operation, FORGET.get(operation)));
        }

        private void tolerate(Runnable action) {
            try {
                action.run();
            } catch (FailureException e) {
                path.add("refused " + e.failure().code());
                boolean moved = look().map(view -> !view.state().equals(standing.state().name())
                        || view.currentJob().isPresent()).orElse(true);
                assertThat(e.failure().code() != FailureCode.STATE_FORBIDS || moved).as("%s: %s", this, e.getMessage())
                        .isTrue();
                assertThat(e.failure().code()).as("%s", this).isNotIn(
                        FailureCode.INTERNAL_ERROR, FailureCode.REQUEST_INVALID);
            }
        }

        private JobView settled(JobId id) {
            Instant now = Instant.now();
            return Awaiting.until(() -> story.people().job(id), job -> job.state().isEnded()
                    || job.state() == JobView.State.SUSPENDED || job.steps().stream().anyMatch(Way::waitsForAHost)
                            && Duration.between(now, Instant.now()).compareTo(Duration.ofMillis(500)) > 0);
        }

        private static boolean waitsForAHost(JobView.Step step) {
            return !step.state().isEnded() && (step.nextAttempt().isPresent()
                    || step.note().filter(note -> note.startsWith("wait")).isPresent());
        }

        private Optional<ItemView> look() {
            try {
                return Optional.of(story.people().item(item.toString()));
            } catch (FailureException e) {
                assertThat(e.failure().code()).isEqualTo(FailureCode.NOT_FOUND);
                return Optional.empty();
            }
        }

        @Override
        public String toString() {
            return standing + ": " + path;
        }
    }

    /** The requests by which people who want to get on ask. */
    private static Map<Operation, Object> bodies() {
        Map<Operation, Object> bodies = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            bodies.put(operation, Map.of());
        }
        bodies.put(Operation.TEST_FAILOVER_CLEANUP, Map.of("forget", true));
        bodies.put(Operation.LET_POINT_GO, Map.of("point", "1-3"));
        bodies.put(Operation.DISABLE_PROTECTION, Map.of("forget", true, "deleteReplica", false));
        return bodies;
    }

    /** An item in that state; one that is reversed goes in its second direction. */
    private static ItemId put(Database database, String template, ProtectionState state) {
        ItemId item = ItemId.random();
        boolean reversed = state instanceof ProtectionState.MayFailOver protectedVm
                && protectedVm.reversalUnderWay().isPresent();
        database.update("""
                with item as (insert into protected_item select p.* from jsonb_populate_record(null::protected_item,
                    ?::jsonb || jsonb_build_object('id', ?::text, 'vm', ?::text, 'state', ?::text,
                        'state_facts', ?::jsonb, 'generation', ?::int)) p returning id, generation)
                insert into relationship (item, generation, source_host, target_host, told, begun, ended)
                    select item.id, n, case n when 1 then r.source_host else r.target_host end,
                        case n when 1 then r.target_host else r.source_host end, r.told, r.begun,
                        case when n < item.generation then r.begun end
                    from item, generate_series(1, item.generation) n, relationship r
                    where r.item = (?::jsonb->>'id')::uuid and r.generation = 1
                """, template, item.toString(), UUID.randomUUID().toString(), state.name(), JsonColumn.of(state),
                reversed ? 2 : 1, template);
        return item;
    }

    private void put(Database database, ItemId item, Standing standing) {
        JobId job = JobId.random();
        database.transact(() -> {
            // What the vault itself began on the item meanwhile is no part of this standing.
            database.update("delete from job where target_id = ?", item.toString());
            standing.job().ifPresent(left -> put(database, item, job, left));
            if (standing.testOpen()) {
                database.update("""
                        insert into test_failover (item, job, phase, vm_name, network)
                        values (?, ?, 'WAITING_FOR_CLEANUP', 'web01 - Test', 'isolated')
                        """, item.value(), job.value());
            }
        });
    }

    private void put(Database database, ItemId item, JobId job, Standing.Left left) {
        boolean cleanUp = left.type().name().equals("Cleanup test failover");
        boolean due = left.isActive() && !left.state().equals("SUSPENDED");
        Instant now = story.clock().instant();
        database.update("""
                insert into job (id, type, target_kind, target_id, target_name, started_by, input, notes, state,
                    step, created_at, due_at, ended_at)
                values (?, ?, ?, ?, 'web01', 'anna', ?::jsonb, ?::jsonb, ?, ?, ?, ?, ?)
                """, job.value(), left.type().name(), cleanUp ? "test-failover" : "item", item.toString(),
                INPUT.formatted(left.startSource()), left.step() == 0 ? "{}" : NOTES, left.state(),
                left.step(), now, due ? Optional.of(now) : Optional.empty(),
                left.isActive() ? Optional.empty() : Optional.of(now));
        for (int ordinal = 0; ordinal < left.type().steps().size(); ordinal++) {
            String state = ordinal < left.step() ? "SUCCEEDED" : ordinal > left.step() ? "NOT_STARTED"
                    : left.state().equals("CANCELLING") ? "IN_PROGRESS" : left.state();
            var step = left.type().steps().get(ordinal);
            database.update("""
                    insert into job_step (job, ordinal, id, name, cancellable, state, attempt)
                    values (?, ?, ?, ?, ?, ?, ?)
                    """, job.value(), ordinal, step.id(), step.name(), step.cancellable(), state,
                    ordinal <= left.step() ? 1 : 0);
        }
    }
}
