package org.understudy.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;

/** When the driver tells what a machine keeps beside its disks. */
class MachineStateShippingTest {
    private static final Duration FREQUENCY = Duration.ofSeconds(5);

    private final ManualPace pace = new ManualPace();
    private final MemoryTarget target = new MemoryTarget(pace);
    private final MemorySource source = new MemorySource(pace, 0);
    private final ReplicationDriver driver = new ReplicationDriver(
            ItemId.random(), source, target, FREQUENCY, Backoff.OF_REPLICATION, pace);

    @AfterEach
    void stop() {
        driver.stop();
    }

    private void start() {
        driver.start();
        pace.settle();
    }

    @Test
    void tellsAStateWithThePositionAtWhichItChangedAndNotAgain() {
        start();
        pace.pass(FREQUENCY);
        source.keep((byte) 1);
        pace.pass(FREQUENCY.multipliedBy(3));
        source.keep();
        pace.pass(FREQUENCY.multipliedBy(2));
        assertThat(target.state(2)).as("nothing was ever told before").isEqualTo(MachineState.NONE);
        assertThat(target.state(3)).isEqualTo(new MachineState(new byte[] {1}));
        assertThat(target.state(5)).isEqualTo(new MachineState(new byte[] {1}));
        assertThat(target.state(6)).as("from here on it keeps nothing").isEqualTo(MachineState.NONE);
        assertThat(target.statesTold).isEqualTo(2);
    }

    @Test
    void aNewSessionTellsOnlyWhatTheTargetDoesNotHave() {
        source.keep((byte) 1);
        start();
        pace.pass(FREQUENCY);
        cut();
        assertThat(target.acknowledged().sequence()).isGreaterThan(2);
        assertThat(target.statesTold).isEqualTo(1);
        source.keep((byte) 2);
        cut();
        assertThat(target.statesTold).isEqualTo(2);
        assertThat(target.state(target.acknowledged().sequence())).isEqualTo(new MachineState(new byte[] {2}));
    }

    @Test
    void aStateOfPositionsThatAreGivenUpIsToldAgainOfThoseThatTakeTheirPlace() {
        start();
        pace.pass(FREQUENCY);
        source.keep((byte) 1);
        pace.pass(FREQUENCY.multipliedBy(2));
        long newest = target.acknowledged().sequence();
        target.damageJournalAfter(new LogPosition(1, newest - 2));
        cut();
        pace.pass(FREQUENCY.multipliedBy(3));
        assertThat(target.acknowledged().sequence()).isGreaterThan(newest);
        assertThat(target.state(target.acknowledged().sequence())).isEqualTo(new MachineState(new byte[] {1}));
    }

    @Test
    void aTargetOfAnEarlierReleaseGoesOnWithoutAndIsToldWhenItIsUpdated() {
        target.keepsStates = false;
        source.keep((byte) 1);
        start();
        pace.pass(FREQUENCY.multipliedBy(3));
        assertThat(target.acknowledged().sequence()).isEqualTo(4);
        assertThat(target.statesTold).as("once in a session, for nothing is known").isEqualTo(1);
        target.keepsStates = true;
        cut();
        assertThat(target.state(target.acknowledged().sequence())).isEqualTo(new MachineState(new byte[] {1}));
    }

    private void cut() {
        target.reachable(false);
        pace.pass(FREQUENCY);
        target.reachable(true);
        pace.pass(Duration.ofMinutes(1));
    }
}
