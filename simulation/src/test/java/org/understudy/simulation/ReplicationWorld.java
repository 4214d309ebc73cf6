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
 * byte for byte as it was captured, with what the machine kept beside its disks at that instant; and when the faults
 * end, replication goes on by itself.
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
    private LogPosition acknowledgedBefore = LogPosition.startOf(1);
    /** How often somebody took something acknowledged from the target. */
    private int givenUp;
    private boolean over;

    ReplicationWorld(long seed, boolean targetForces) {
        simulation = new Simulation(seed);
        source = new SimulatedSource(simulation);
        target = new SimulatedTarget(simulation, targetForces);
    }

    /** The same with a source that is wrong: it believes what it was told before the chain broke. */
    ReplicationWorld trustingOldTables() {
        source.trustOldTables();
        return this;
    }

    /** The same with a target that is wrong: it acknowledges before what the machine keeps is durable. */
    ReplicationWorld forcingNoStates() {
        target.forceNoStates();
        return this;
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
        simulation.spawn("guest", () -> {
            try {
                while (!over) {
                    simulation.pass(Duration.ofMillis(simulation.random().nextInt(400)));
                    source.guestWrites();
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
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
        switch (simulation.random().nextInt(11)) {
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
            case 6 -> source.loseTrack();
            case 7 -> source.loseLogs();
            case 8 -> {
                allowGoingBack();
                target.restoreEarlier(1 + simulation.random().nextInt(4));
            }
            case 9 -> {
                allowGoingBack();
                target.damageJournal(1 + simulation.random().nextInt(3));
            }
            default -> driver.nudge();
        }
    }

    /** What was acknowledged goes back only when somebody took it from the target; never by what replication does. */
    private void allowGoingBack() {
        givenUp++;
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
        LogPosition acknowledged = source.standing().acknowledged();
        if (target.acknowledged().sequence() < acknowledgedBefore.sequence()) {
            assertThat(givenUp).as("what was acknowledged is never given up by itself").isPositive();
        }
        if (givenUp == 0) {
            assertThat(acknowledged.sequence()).isLessThanOrEqualTo(target.acknowledged().sequence());
        }
        assertThat(source.standing().waitingCycles()).isLessThanOrEqualTo(ReplicationPlanner.WAITING_CYCLES_MAX);
        acknowledgedBefore = target.acknowledged();
    }

    /** Of positions that both ends believe in: what goes back goes back at the source first. */
    private void checkContents() {
        long upTo = Math.min(source.standing().acknowledged().sequence(), target.acknowledged().sequence());
        for (long sequence = 1; sequence <= upTo; sequence++) {
            LogPosition position = new LogPosition(1, sequence);
            Map<DiskName, byte[]> held = target.held(position);
            for (Segment segment : source.truth(position)) {
                assertThat(held).as("nothing acknowledged is lost: %s", position).containsKey(segment.disk());
                assertThat(held.get(segment.disk())).isEqualTo(((SimulatedSegment) segment).bytes());
            }
            assertThat(target.state(position)).as("what the machine kept is that of the same instant: %s", position)
                    .isEqualTo(source.keptThen(position));
            source.whole(position).ifPresent(disks -> assertThat(target.content(position))
                    .as("the disks of the target equal the source's: %s", position).isEqualTo(disks));
        }
    }

    /** Blocks that needed not be sent in the last covering. */
    long equalBlocks() {
        return source.equalBlocks();
    }
}
