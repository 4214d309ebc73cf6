package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.understudy.api.ChangePointRequest;
import org.understudy.api.CleanupRequest;
import org.understudy.api.DisableRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.Operation;
import org.understudy.api.ProtectRequest;
import org.understudy.api.RecoveryPointView;
import org.understudy.api.TestFailoverRequest;
import org.understudy.lab.GuestStatus;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.Await;
import org.understudy.model.FailureException;

/**
 * Vault, agents, libvirtd, QEMU and the link die at steps of operations, before, in and after them. The operation ends,
 * or stops where an offered action leads out; never do two copies run, and never is lost what was acknowledged. One
 * strike, after which the VM is where it was, for {@link RoundTripTest}, which goes on in this lab;
 * {@code -Dunderstudy.times=N -Dunderstudy.seed=N} makes others ({@code ./dev campaign strikes}).
 */
@Order(8)
class EveryStepIsStruckTest {
    private static final int TIMES = Integer.getInteger("understudy.times", 0);
    private static final Strike SLICE = new Strike(
            Strike.Deed.ABANDON, 0, Strike.Moment.IN, Strike.Kind.VAULT, Duration.ofMillis(500));
    private static final long SEED = Long.getLong("understudy.seed", 1);
    private static final Duration BOOT = Duration.ofMinutes(3);
    private static final Duration JOB = Duration.ofMinutes(8);
    private static final Duration SOON = Duration.ofMinutes(2);
    /** Steps take milliseconds, some. */
    private static final Await CLOSE = new Await(Duration.ofMinutes(6), Duration.ofMillis(10));

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named(TIMES == 0 ? "roundtrip" : "strikes");

    @Test
    void andAnOfferedActionLeadsOut() throws IOException {
        StrikeTable table = StrikeTable.ofAllRuns();
        ItemView item = new WayOut(LAB).toProtection();
        try (RunningCopies copies = RunningCopies.of(item.vm())) {
            for (Strike strike : TIMES == 0 ? List.of(SLICE)
                    : Strike.plan(TIMES, new Random(SEED), table.known())) {
                if (table.isToStop()) {
                    break;
                }
                long began = System.nanoTime();
                StrikeTable.Row row = row(strike, table);
                System.out.printf("%s after %d s%n", row, (System.nanoTime() - began) / 1_000_000_000);
                assertThat(copies.most()).as("copies that ran at once after " + strike).isLessThanOrEqualTo(1);
            }
            assertThat(copies.looks()).isGreaterThan(10);
        } finally {
            if (TIMES > 0) {
                table.print();
            }
        }
        assertThat(table.failed()).isEmpty();
    }

    private static StrikeTable.Row row(Strike strike, StrikeTable table) throws IOException {
        String[] told = {"not yet", "not yet"};
        WayOut out = new WayOut(LAB);
        try {
            ItemView ready = ready(strike.deed());
            long promised = promised(strike.deed(), ready);
            Striker striker = new Striker(LAB, ready.route().sourceHost().name(), ready.route().targetHost().name(),
                    ready.vm());
            JobView job = begin(strike.deed(), ready);
            told[0] = struck(strike, striker, job);
            told[1] = came(job);
            isKept(out, promised);
            return table.add(strike, told, String.join(", ", out.taken()), true);
        } catch (IOException | AssertionError | FailureException e) {
            System.out.println("FAILED " + strike + ": " + e);
            StrikeTable.Row row = table.add(
                    strike, told, String.join(", ", out.taken()) + "; " + e.getMessage(), false);
            new WayOut(LAB).toProtection();
            return row;
        }
    }

    /** The item stands where the deed can be done. */
    private static ItemView ready(Strike.Deed deed) throws IOException {
        ItemView item = new WayOut(LAB).toProtection();
        String id = item.id().toString();
        // What the hand-over of the disks kept waiting may be in the last report yet.
        return switch (deed) {
            case TEST_FAILOVER, UNPLANNED_FAILOVER, DISABLE, PAUSE -> item;
            case RESUME -> {
                LAB.succeeded(LAB.vault().operate(id, Operation.PAUSE_REPLICATION, Map.of()));
                yield item;
            }
            case PROTECT -> {
                LAB.succeeded(LAB.vault().disable(id, new DisableRequest(Optional.of(true), Optional.empty())));
                new WayOut(LAB).clear(item.route().targetHost().name());
                Await.atMost(SOON).untilTrue("the VM to be one that can be protected", () -> LAB.vault().machines(
                        Optional.of(item.route().sourceHost().name())).stream()
                        .filter(found -> found.machine().name().equals(LAB.vm()))
                        .anyMatch(found -> found.readinessErrors().isEmpty()));
                yield item;
            }
            case PLANNED_FAILOVER, ABANDON -> {
                Await.atMost(SOON).untilTrue("a planned failover to be possible",
                        () -> LAB.vault().failOverAsPlannedDryRun(id).possible());
                yield item;
            }
            case CLEAN_UP -> {
                LAB.suspended(LAB.vault().testFailover(id, TestFailoverRequest.isolated()));
                yield LAB.item();
            }
            case CHANGE_POINT, COMMIT, REVERSE, COMPLETE_MIGRATION -> {
                LAB.succeeded(LAB.vault().failOver(id, FailoverRequest.latest()));
                yield LAB.item();
            }
        };
    }

    private static JobView begin(Strike.Deed deed, ItemView item) throws IOException {
        String id = item.id().toString();
        JobView begun = switch (deed) {
            case PROTECT -> LAB.vault().protect(new ProtectRequest(
                    LAB.vm(), Optional.of(item.route().sourceHost().name()), Optional.empty()));
            case PAUSE -> LAB.vault().operate(id, Operation.PAUSE_REPLICATION, Map.of());
            case RESUME -> LAB.vault().operate(id, Operation.RESUME_REPLICATION, Map.of());
            case ABANDON -> takenBack(id);
            case TEST_FAILOVER -> LAB.vault().testFailover(id, TestFailoverRequest.isolated());
            case CLEAN_UP -> LAB.vault().cleanUpTestFailover(id, new CleanupRequest(Optional.of("struck")));
            case PLANNED_FAILOVER -> planned(id);
            case UNPLANNED_FAILOVER -> LAB.vault().failOver(id, FailoverRequest.latest());
            case CHANGE_POINT -> LAB.vault().operate(id, Operation.CHANGE_RECOVERY_POINT,
                    new ChangePointRequest(Optional.of(points(id).getFirst().id())));
            case COMMIT -> LAB.vault().commit(id);
            case REVERSE -> LAB.vault().operate(id, Operation.REVERSE_REPLICATE, Map.of());
            case COMPLETE_MIGRATION -> LAB.vault().operate(id, Operation.COMPLETE_MIGRATION, Map.of());
            case DISABLE -> LAB.vault().disable(id, new DisableRequest(Optional.of(true), Optional.empty()));
        };
        assertThat(begun.steps()).as("steps of " + deed).hasSize(deed.steps());
        return begun;
    }

    /** That it was possible a moment ago may be over: the next disk of the VM is handed over. */
    private static JobView planned(String item) throws IOException {
        return Await.atMost(SOON).until("a planned failover to begin",
                () -> LAB.vault().failOverAsPlanned(item), _ -> true);
    }

    /** What the vault begins by itself where a planned failover is cancelled while its VM shuts down. */
    private static JobView takenBack(String item) throws IOException {
        JobView planned = planned(item);
        CLOSE.untilTrue("the shutdown to begin", () -> LAB.vault().job(planned.id()).steps().get(1).state()
                != JobView.State.NOT_STARTED);
        LAB.vault().cancel(planned.id());
        return CLOSE.untilPresent("what takes the failover back", () -> LAB.vault().jobs(Optional.of(item), false)
                .stream().filter(job -> job.name().equals("Abandon failover"))
                .filter(job -> job.createdAt().isAfter(planned.createdAt())).findFirst());
    }

    private static List<RecoveryPointView> points(String item) {
        return LAB.vault().recoveryPoints(item);
    }

    /** A record that the guest will have at whatever point it goes on from: what was acknowledged holds it. */
    private static long promised(Strike.Deed deed, ItemView item) throws IOException {
        boolean away = item.activeLocation() == ItemView.ActiveLocation.TARGET;
        LabGuest guest = LAB.lab().guest(LAB.vm(), away ? item.route().targetHost().name()
                : item.route().sourceHost().name());
        long record = guest.awaitAnswer(BOOT).records().last();
        if (away) {
            return 0; // What it writes until it is protected again is promised by nobody.
        }
        if (deed == Strike.Deed.PROTECT || deed == Strike.Deed.RESUME) {
            return record; // It stays at its disks, of which nothing is acknowledged just now.
        }
        // Two cycles may wait at the source and one be on its way: the third after the acknowledged one comes later.
        long before = acknowledged(item);
        Await.atMost(SOON).untilTrue("what holds record " + record + " to be acknowledged",
                () -> acknowledged(LAB.vault().item(item.id().toString())) >= before + 4);
        return record;
    }

    private static long acknowledged(ItemView item) {
        return item.progress().acknowledged().map(position -> position.sequence()).orElse(0L);
    }

    /** Strikes when the job stands there, or when it has passed; answers where it stood. */
    private static String struck(Strike strike, Striker striker, JobView begun) throws IOException {
        JobView seen = strike.moment() == Strike.Moment.BEFORE && strike.step() == 0 ? begun
                : CLOSE.until("the moment of " + strike, () -> LAB.vault().job(begun.id()),
                        job -> isThere(strike, job));
        boolean any;
        try {
            any = striker.strike(strike.kind());
            Await.pass(strike.lasts());
        } finally {
            striker.mend(strike.kind());
        }
        String step = seen.steps().stream().filter(it -> !it.state().isEnded()).findFirst()
                .map(it -> it.name() + " " + it.state()).orElse("all done");
        return any ? step : step + " " + StrikeTable.NOTHING;
    }

    private static boolean isThere(Strike strike, JobView job) {
        if (job.state().isEnded() || job.state() == JobView.State.SUSPENDED) {
            return true;
        }
        JobView.State at = job.steps().get(strike.step()).state();
        return switch (strike.moment()) {
            case BEFORE -> strike.step() == 0
                    || job.steps().get(strike.step() - 1).state() != JobView.State.NOT_STARTED;
            case IN -> at != JobView.State.NOT_STARTED;
            case AFTER -> at.isEnded();
        };
    }

    /** What the job and its item came to by themselves. */
    private static String came(JobView begun) throws IOException {
        JobView ended = Await.atMost(JOB).until("the end of " + begun.name(), () -> LAB.vault().job(begun.id()),
                job -> job.state().isEnded() || job.state() == JobView.State.SUSPENDED);
        String state = LAB.vault().items().stream().findFirst().map(ItemView::state).orElse("gone");
        return ended.state() + ended.error().map(error -> " (" + error.code() + ": " + error.message() + ")").orElse("")
                + ", " + state;
    }

    private static void isKept(WayOut out, long promised) throws IOException {
        ItemView item = out.toProtection();
        LabGuest guest = LAB.lab().guest(LAB.vm(), item.route().sourceHost().name());
        GuestStatus status = guest.awaitAnswer(BOOT);
        assertThat(status.state()).isEqualTo("writing");
        assertThat(status.records().last()).as("the guest has what was acknowledged").isGreaterThanOrEqualTo(promised);
        long before = acknowledged(item);
        // What was not known yet as the way out was gone, a pause for one, is gone out of now.
        Await.atMost(SOON).untilTrue("replication to go on from " + before,
                () -> acknowledged(out.toProtection()) >= before + 2);
    }
}
