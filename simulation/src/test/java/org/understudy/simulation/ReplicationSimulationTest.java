package org.understudy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * A search through the orders and faults that replication can meet. A seed that fails is printed with the command that
 * replays it; {@code -Dunderstudy.seeds=N} searches further.
 */
class ReplicationSimulationTest {
    private static final long SEEDS = Long.getLong("understudy.seeds", 100);

    @Test
    void keepsItsPromisesThroughKillsAndCuts() {
        long[] seeds = Long.getLong("understudy.seed") == null
                ? LongStream.range(0, SEEDS).toArray() : new long[] {Long.getLong("understudy.seed")};
        for (long seed : seeds) {
            try {
                new ReplicationWorld(seed, true).run();
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + " failed; replay it with: ./mvnw -pl simulation -am test"
                        + " -Dtest=ReplicationSimulationTest -Dsurefire.failIfNoSpecifiedTests=false"
                        + " -Dunderstudy.seed=" + seed, e);
            }
        }
    }

    @Test
    void theSameSeedIsTheSameRun() {
        for (long seed = 0; seed < 5; seed++) {
            assertThat(new ReplicationWorld(seed, true).run()).isEqualTo(new ReplicationWorld(seed, true).run());
        }
    }

    @Test
    void leavesOutWhatIsEqualWhenDisksAreCoveredAnew() {
        assertThat(LongStream.range(0, 20).map(seed -> {
            ReplicationWorld world = new ReplicationWorld(seed, true);
            world.run();
            return world.equalBlocks();
        }).sum()).as("blocks of 20 seeds").isGreaterThan(20);
    }

    @Test
    void findsASourceThatTrustsWhatItWasToldBeforeTheChainBroke() {
        assertThat(LongStream.range(0, 50).filter(seed -> {
            try {
                new ReplicationWorld(seed, true).trustingOldTables().run();
                return false;
            } catch (AssertionError e) {
                assertThat(e).hasStackTraceContaining("the disks of the target equal the source's");
                return true;
            }
        }).count()).as("seeds of 50 that find it").isGreaterThan(5);
    }

    @Test
    void findsATargetThatAcknowledgesBeforeItForcesWhatTheMachineKeeps() {
        assertThat(LongStream.range(0, 50).filter(seed -> {
            try {
                new ReplicationWorld(seed, true).forcingNoStates().run();
                return false;
            } catch (AssertionError e) {
                assertThat(e).hasStackTraceContaining("what the machine kept is that of the same instant");
                return true;
            }
        }).count()).as("seeds of 50 that find it").isGreaterThan(5);
    }

    @Test
    void findsATargetThatAcknowledgesBeforeItForces() {
        assertThat(LongStream.range(0, 50).filter(seed -> {
            try {
                new ReplicationWorld(seed, false).run();
                return false;
            } catch (AssertionError e) {
                assertThat(e).hasStackTraceContaining("nothing acknowledged is lost");
                return true;
            }
        }).count()).as("seeds of 50 that find it").isGreaterThan(5);
    }
}
