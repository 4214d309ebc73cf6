package org.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.replication.Backoff;
import org.understudy.replication.ReplicationDriver;
import org.understudy.replication.ReplicationPlanner;
import org.understudy.replication.Segment;

/**
 * The driver between a simulated source and target while faults fall on all three, and the promises that hold after
 * every turn: positions only grow, at most two cycles wait, what the source believes acknowledged the target holds,
 * byte for byte as it was captured; and when the faults end, replication goes on by itself.
 */
final class ReplicationWorld {
    private static final int FAULTS = 30;
    private static final int POSITIONS_AFTERWARDS = 3;
    private static final int TURNS_MAX = 400_000;
    private static final ItemId ITEM = new ItemId(new UUID(0, 1));

    private final Simulation simulation;
    private final SimulatedSource source;
    private final SimulatedTarget target;
    private SimulatedPace process;
    private ReplicationDriver driver;
    private LogPosition capturedBefore = LogPosition.startOf(1);
    private LogPosition acknowledgedBefore = LogPosition.startOf(1);
    private boolean over;

    ReplicationWorld(long seed, boolean targetForces) {
        simulation = new Simulation(seed);
        source = new SimulatedSource(simulation);
        target = new SimulatedTarget(simulation, targetForces);
    }

    /** Runs it to the end; returns where it ended, which the same seed must reach again. */
    String run() {
        simulation.spawn("faults", () -> {
            try {
                startDriver();
                for (int i = 0; i < FAULTS; i++) {
                    simulation.pass(Duration.ofMillis(simulation.random().nextInt(4000)));
                    fault();
                }
                recover();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            over = true;
        });
        simulation.run(() -> over, this::check, TURNS_MAX);
        checkContents();
        return source.standing() + " at " + simulation.nanos();
    }

    private void startDriver() {
        process = new SimulatedPace(simulation);
        driver = new ReplicationDriver(
                ITEM, source, target, Duration.ofSeconds(1), Backoff.OF_REPLICATION, process);
        driver.start();
    }

    private void fault() throws InterruptedException {
        switch (simulation.random().nextInt(7)) {
            case 0 -> {
                target.link(false);
                simulation.pass(Duration.ofMillis(simulation.random().nextInt(60_000)));
                target.link(true);
            }
            case 1 -> {
                target.crash();
                checkContents();
            }
            case 2 -> {
                process.kill();
                simulation.pass(Duration.ofMillis(simulation.random().nextInt(3000)));
                startDriver();
            }
            case 3 -> {
                driver.stop();
                assertThat(driver.ended()).as("stopped within two seconds").isTrue();
                startDriver();
            }
            case 4 -> refuseForAWhile(FailureCode.TARGET_STORAGE_FULL);
            case 5 -> {
                refuseForAWhile(FailureCode.REPLICA_FENCED);
                driver.resume();
            }
            default -> driver.nudge();
        }
    }

    private void refuseForAWhile(FailureCode code) throws InterruptedException {
        target.refuse(FailureException.of(code, "planted"));
        simulation.pass(Duration.ofMillis(simulation.random().nextInt(20_000)));
        target.refuseNoMore();
    }

    private void recover() throws InterruptedException {
        driver.resume();
        long goal = target.acknowledged().sequence() + POSITIONS_AFTERWARDS;
        simulation.await(() -> target.acknowledged().sequence() >= goal, Duration.ofMinutes(3).toNanos());
        assertThat(target.acknowledged().sequence())
                .as("replication goes on by itself; it stands at %s", driver.report())
                .isGreaterThanOrEqualTo(goal);
        driver.stop();
    }

    private void check() {
        LogPosition captured = source.standing().captured();
        LogPosition acknowledged = source.standing().acknowledged();
        assertThat(captured.sequence()).isGreaterThanOrEqualTo(capturedBefore.sequence());
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(acknowledgedBefore.sequence());
        assertThat(acknowledged.sequence()).isLessThanOrEqualTo(target.acknowledged().sequence());
        assertThat(source.standing().waitingCycles()).isLessThanOrEqualTo(ReplicationPlanner.WAITING_CYCLES_MAX);
        capturedBefore = captured;
        acknowledgedBefore = target.acknowledged();
    }

    private void checkContents() {
        for (long sequence = 1; sequence <= target.acknowledged().sequence(); sequence++) {
            LogPosition position = new LogPosition(1, sequence);
            Map<DiskName, byte[]> held = target.held(position);
            for (Segment segment : source.truth(position)) {
                assertThat(held).as("nothing acknowledged is lost: %s", position).containsKey(segment.disk());
                assertThat(held.get(segment.disk())).isEqualTo(((SimulatedSegment) segment).bytes());
            }
        }
    }
}
