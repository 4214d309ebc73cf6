package org.understudy.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;

/** What a source does whose direction is over. */
class StandingByTest {
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

    @Test
    void standsByWhenTheTargetSaysThatThisDirectionIsOverAndGoesOnByItselfWhenItIsTakenBack() {
        target.refuse(FailureException.of(FailureCode.RELATIONSHIP_OVER, "The item goes on in generation 2."));
        driver.start();
        pace.settle();
        pace.pass(Duration.ofHours(2));
        Trouble trouble = driver.report().trouble().orElseThrow();
        assertThat(trouble.failure().code()).isEqualTo(FailureCode.RELATIONSHIP_OVER);
        assertThat(trouble.halts()).as("a person has nothing to do for it").isFalse();
        assertThat(target.dials).as("asks now and then").isBetween(20, 40);
        assertThat(source.captureStarts).as("the bitmap keeps what changed").hasSizeLessThanOrEqualTo(1);
        target.refuseNoMore();
        pace.pass(Backoff.STANDING_BY.plus(FREQUENCY));
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.REPLICATING);
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(1);
    }
}
