package org.understudy.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;

/** The driver over two ends in memory, with a clock moved by hand. */
class ReplicationDriverTest {
    private static final Duration FREQUENCY = Duration.ofSeconds(5);
    private static final long CYCLE_BYTES = MemorySource.SEGMENT_BYTES * MemorySource.DISKS.size();

    private final ManualPace pace = new ManualPace();
    private final MemoryTarget target = new MemoryTarget(pace);
    private MemorySource source = new MemorySource(pace, 0);
    private ReplicationDriver driver;

    @AfterEach
    void stop() {
        driver.stop();
        assertThat(driver.ended()).isTrue();
    }

    private void start() {
        driver = new ReplicationDriver(ItemId.random(), source, target, FREQUENCY, Backoff.OF_REPLICATION, pace);
        driver.start();
        pace.settle();
    }

    @Test
    void capturesAtTheCopyFrequencyAndShipsAtOnce() {
        start();
        assertThat(target.acknowledged()).isEqualTo(at(1));
        pace.pass(Duration.ofSeconds(12));
        assertThat(source.captureStarts).containsExactly(0L, 5000L, 10000L);
        assertThat(target.acknowledged()).isEqualTo(at(3));
        assertThat(source.standing().acknowledged()).isEqualTo(at(3));
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.REPLICATING);
        assertThat(driver.report().trouble()).isEmpty();
        assertThat(driver.report().sent()).isEqualTo(new ByteCount(3 * CYCLE_BYTES));
        assertThat(source.meetings).isPositive();
    }

    @Test
    void tellsHowTheVmIsDefinedWithThePositionAtWhichThatChanged() {
        start();
        pace.pass(FREQUENCY);
        source.define("<domain>more</domain>");
        pace.pass(FREQUENCY.multipliedBy(2));
        assertThat(target.acknowledged()).isEqualTo(at(4));
        assertThat(target.definitions()).containsExactly("1 <domain/>", "3 <domain>more</domain>");

        target.reachable(false);
        pace.pass(FREQUENCY);
        target.reachable(true);
        pace.pass(Duration.ofMinutes(2));
        assertThat(target.definitions()).as("a new session tells it once more, whatever the target has").hasSize(3);
    }

    @Test
    void initialReplicationDoesNotWaitForTheCopyFrequency() {
        source = new MemorySource(pace, 20);
        start();
        assertThat(target.acknowledged()).isEqualTo(at(20));
        assertThat(source.captureStarts).containsOnly(0L);
        pace.pass(Duration.ofSeconds(5));
        assertThat(target.acknowledged()).isEqualTo(at(21));
    }

    @Test
    void captureGoesOnWhileShipping() {
        target.hang(true);
        start();
        pace.pass(FREQUENCY);
        assertThat(source.standing().captured()).isEqualTo(at(2));
        assertThat(target.acknowledged()).isEqualTo(at(0));
        target.hang(false);
        pace.settle();
        assertThat(target.acknowledged()).isEqualTo(at(2));
    }

    @Test
    void keepsAtMostTwoCyclesWaiting() {
        target.reachable(false);
        start();
        pace.pass(Duration.ofMinutes(10));
        assertThat(source.standing().captured()).isEqualTo(at(2));
        assertThat(source.waitingMax).isEqualTo(2);
        assertThat(driver.report().trouble().orElseThrow().failure().code()).isEqualTo(FailureCode.LINK_LOST);
        target.reachable(true);
        pace.pass(Duration.ofSeconds(2));
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(3);
        assertThat(driver.report().trouble()).isEmpty();
    }

    @Test
    void resumesAtTheByteWhenTheLinkIsCut() {
        target.cutAfter(1430);
        start();
        assertThat(target.received()).isEqualTo(1430);
        assertThat(driver.report().trouble().orElseThrow().attempt()).isEqualTo(1);
        pace.pass(Duration.ofSeconds(1));
        assertThat(target.acknowledged()).isEqualTo(at(1));
        assertThat(target.received()).as("nothing that was held is sent again").isEqualTo(CYCLE_BYTES);
    }

    @Test
    void goesOnAfterLostAcknowledgement() {
        target.loseNextAcknowledgement();
        start();
        assertThat(source.standing().acknowledged()).isEqualTo(at(0));
        pace.pass(Duration.ofSeconds(1));
        assertThat(source.standing().acknowledged()).isEqualTo(at(1));
        assertThat(target.received()).isEqualTo(CYCLE_BYTES);
    }

    @Test
    void noticesTheReturnOfTheLinkWithinSecondsAlsoAfterALongOutage() {
        target.reachable(false);
        start();
        pace.pass(Duration.ofHours(1));
        assertThat(driver.report().trouble().orElseThrow().attempt()).isGreaterThan(50);
        target.reachable(true);
        pace.pass(Duration.ofSeconds(1));
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void triesAgainSoonWhenATargetThatIsBackWasTooBusyAtFirst() {
        target.reachable(false);
        start();
        pace.pass(Duration.ofHours(1));
        target.refuse(FailureException.of(FailureCode.LINK_LOST, "the handshake took too long"));
        target.reachable(true);
        pace.pass(Duration.ofSeconds(1));
        target.refuseNoMore();
        pace.pass(Duration.ofSeconds(2));
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void noticesThatTheLinkDiedWhileNothingWasToBeShipped() {
        start();
        target.reachable(false);
        pace.pass(Duration.ofSeconds(1));
        assertThat(driver.report().trouble().orElseThrow().failure().code()).isEqualTo(FailureCode.LINK_LOST);
    }

    @Test
    void triesALinkThatRefusesOnlyAfterGrowingPauses() {
        target.refuse(FailureException.of(FailureCode.TARGET_IO_FAILED, "/var/lib/understudy cannot be written"));
        start();
        assertThat(target.dials).isEqualTo(1);
        pace.pass(Duration.ofSeconds(14));
        assertThat(target.dials).isEqualTo(4);
        Trouble trouble = driver.report().trouble().orElseThrow();
        assertThat(trouble.failure().message()).contains("/var/lib/understudy");
        assertThat(trouble.attempt()).isEqualTo(4);
        assertThat(trouble.nextAttempt()).contains(pace.now().plusSeconds(1));
        target.refuseNoMore();
        pace.pass(Duration.ofSeconds(1));
        assertThat(driver.report().trouble()).isEmpty();
        assertThat(target.acknowledged()).isEqualTo(at(3));
    }

    @Test
    void haltsOnWhatNeedsAHandUntilItIsResumed() {
        target.refuse(FailureException.of(FailureCode.REPLICA_FENCED, "the item was failed over"));
        start();
        pace.pass(Duration.ofHours(5));
        assertThat(target.dials).isEqualTo(1);
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.HALTED);
        assertThat(driver.report().trouble().orElseThrow().halts()).isTrue();
        assertThat(source.captureStarts).as("nobody would take a second cycle").hasSizeLessThanOrEqualTo(1);
        target.refuseNoMore();
        driver.resume();
        pace.pass(FREQUENCY);
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.REPLICATING);
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void sendsAgainByItselfWhatTheTargetFoundDamaged() {
        target.damage(ShipTurn.DAMAGED_SENT_AGAIN_MAX);
        start();
        assertThat(driver.report().trouble().orElseThrow().failure().code())
                .isEqualTo(FailureCode.CHANGE_LOG_CORRUPT);
        assertThat(driver.report().trouble().orElseThrow().halts()).isFalse();
        pace.pass(Duration.ofMinutes(1));
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(1);
        assertThat(driver.report().trouble()).isEmpty();
        target.damage(ShipTurn.DAMAGED_SENT_AGAIN_MAX);
        pace.pass(Duration.ofMinutes(1));
        assertThat(driver.report().phase()).as("counted anew for each position").isEqualTo(DriverPhase.REPLICATING);
        assertThat(driver.report().trouble()).isEmpty();
    }

    @Test
    void capturesAgainWhatTheTargetFindsDamagedEverAgain() {
        target.damage(ShipTurn.DAMAGED_SENT_AGAIN_MAX + 1);
        start();
        pace.pass(Duration.ofHours(1));
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.REPLICATING);
        assertThat(source.wentBack).containsExactly("1-0: the target finds the same log damaged ever again");
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void haltsWhenTheTargetFindsTheSameDamageInWhatWasCapturedAgain() {
        target.damage(2 * (ShipTurn.DAMAGED_SENT_AGAIN_MAX + 1));
        start();
        pace.pass(Duration.ofHours(1));
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.HALTED);
        assertThat(source.wentBack).hasSize(1);
        assertThat(target.dials).isEqualTo(2 * (1 + ShipTurn.DAMAGED_SENT_AGAIN_MAX));
        driver.resume();
        pace.pass(FREQUENCY);
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.REPLICATING);
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void capturesAgainByItselfWhatItsOwnLogsLost() {
        target.hang(true);
        start();
        pace.pass(FREQUENCY);
        source.loseLogs();
        target.hang(false);
        pace.pass(Duration.ofMinutes(1));
        assertThat(source.wentBack).containsExactly(
                "1-1: logs that the target lacks are gone or damaged at the source");
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(2);
        assertThat(driver.report().trouble()).isEmpty();
    }

    @Test
    void coversAnewByItselfWhenNobodyKnowsWhatChanged() {
        source = new MemorySource(pace, 3);
        start();
        pace.pass(FREQUENCY);
        long before = target.acknowledged().sequence();
        source.loseTrack();
        pace.pass(FREQUENCY);
        assertThat(source.coveredAnew).containsExactly("the bitmap is lost");
        assertThat(driver.report().trouble()).isEmpty();
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(before + 3);
    }

    @Test
    void asksWhatTheTargetHoldsBeforeTheNextCycleAndWaitsWhileItCannotTell() {
        start();
        target.answersAbout = false;
        source.want();
        pace.pass(FREQUENCY.multipliedBy(3));
        assertThat(source.captureStarts).hasSize(1);
        assertThat(target.questions).as("about one a second").isBetween(10, 20);
        assertThat(driver.report().trouble()).isEmpty();
        target.answersAbout = true;
        pace.pass(FREQUENCY);
        assertThat(source.answers.getLast()).isInstanceOf(HashAnswer.Hashes.class);
        assertThat(target.acknowledged().sequence()).isGreaterThan(1);
    }

    @Test
    void goesBackWithATargetWhoseJournalIsDamaged() {
        start();
        pace.pass(FREQUENCY.multipliedBy(3));
        assertThat(target.acknowledged()).isEqualTo(at(4));
        target.damageJournalAfter(at(2));
        target.refuse(FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED, "damaged"));
        target.reachable(false);
        pace.pass(FREQUENCY);
        target.reachable(true);
        pace.pass(Duration.ofMinutes(1));
        assertThat(driver.report().phase()).as("no dead end").isEqualTo(DriverPhase.REPLICATING);
        target.refuseNoMore();
        pace.pass(Duration.ofMinutes(3));
        assertThat(source.wentBack).first().asString().startsWith("1-2: a log that the target acknowledged");
        assertThat(target.acknowledged().sequence()).isGreaterThan(4);
        assertThat(driver.report().trouble()).isEmpty();
    }

    @Test
    void aNudgeDoesNotEndAHalt() {
        target.refuse(FailureException.of(FailureCode.RELATIONSHIP_REFUSED, "not yours"));
        start();
        driver.nudge();
        pace.settle();
        assertThat(target.dials).isEqualTo(1);
    }

    @Test
    void shipsWhatWasCapturedWhenCapturingNeedsAHand() {
        target.hang(true);
        start();
        source.failCapture(FailureException.of(FailureCode.CHANGE_LOG_CORRUPT, "a log is damaged"));
        pace.pass(FREQUENCY);
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.HALTED);
        target.hang(false);
        pace.pass(Duration.ofHours(1));
        assertThat(target.acknowledged()).isEqualTo(at(1));
        assertThat(source.captureStarts).hasSize(2);
        assertThat(driver.report().trouble().orElseThrow().failure().code())
                .isEqualTo(FailureCode.CHANGE_LOG_CORRUPT);
    }

    @Test
    void capturesAgainAfterALocalFault() {
        source.failCapture(new IOException("NBD server is gone"));
        start();
        Trouble trouble = driver.report().trouble().orElseThrow();
        assertThat(trouble.failure().code()).isEqualTo(FailureCode.SOURCE_IO_FAILED);
        assertThat(trouble.failure().message()).contains("NBD server is gone");
        pace.pass(FREQUENCY);
        assertThat(target.acknowledged()).isEqualTo(at(1));
        assertThat(driver.report().trouble()).isEmpty();
    }

    @Test
    void aDefectIsToldAndTriedAgainAfterAPause() {
        source.failCapture(new Exception("planted"));
        start();
        assertThat(driver.report().trouble().orElseThrow().failure().code()).isEqualTo(FailureCode.INTERNAL_ERROR);
        assertThat(driver.report().trouble().orElseThrow().halts()).isFalse();
        pace.pass(FREQUENCY);
        assertThat(driver.report().trouble()).isEmpty();
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void anErrorOfTheRuntimeIsToldAndTheLoopGoesOn() {
        source.failCapture(new OutOfMemoryError("Cannot reserve 1048576 bytes of direct buffer memory"));
        start();
        Trouble trouble = driver.report().trouble().orElseThrow();
        assertThat(trouble.failure().code()).isEqualTo(FailureCode.INTERNAL_ERROR);
        assertThat(trouble.failure().message()).contains("direct buffer memory");
        pace.pass(FREQUENCY);
        assertThat(driver.report().trouble()).isEmpty();
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void aLoopThatEndedShowsAndIsStartedAgainByResume() {
        source.failCapture(new InterruptedException("by a stranger"));
        start();
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.HALTED);
        assertThat(driver.report().trouble().orElseThrow().failure().message()).contains("capturing").contains("ended");
        driver.resume();
        pace.pass(FREQUENCY);
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.REPLICATING);
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void aRefusalOfTheHypervisorIsTriedAgainByItselfAtLeastEveryHalfMinute() {
        IntStream.range(0, 30).forEach(_ -> source.failCapture(
                FailureException.of(FailureCode.HYPERVISOR_REFUSED, "disk 'vda' has a blockjob assigned")));
        start();
        assertThat(driver.report().trouble().orElseThrow().halts()).isFalse();
        pace.pass(Duration.ofMinutes(5));
        assertThat(source.captureStarts).hasSizeGreaterThanOrEqualTo(12);
        assertThat(driver.report().trouble().orElseThrow().attempt()).isGreaterThanOrEqualTo(12);
        pace.pass(Duration.ofMinutes(15));
        assertThat(driver.report().trouble()).isEmpty();
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.REPLICATING);
    }

    @Test
    void aDiskThatComesBackIsGoneOnWithByItself() {
        source.failCapture(FailureException.of(FailureCode.DISK_CHANGED, "Disk vdb is gone."));
        source.failCapture(FailureException.of(FailureCode.VM_NOT_FOUND_AT_SOURCE, "The VM is not defined."));
        start();
        pace.pass(Duration.ofMinutes(1));
        assertThat(driver.report().trouble()).isEmpty();
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void endsWhatAnEarlierProcessLeftOpenAlsoWhenShippingStandsStill() {
        target.refuse(FailureException.of(FailureCode.REPLICA_FENCED, "the item was failed over"));
        source.failRecovery(new IOException("libvirtd does not answer yet"));
        start();
        pace.pass(Duration.ofMinutes(1));
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.HALTED);
        assertThat(source.recoveries).as("tried again until it succeeded").isEqualTo(2);
    }

    @Test
    void aFailureWithoutWordsIsToldInWordsAndNotAsAClass() {
        source.failCapture(new IOException(new EOFException()));
        start();
        assertThat(driver.report().trouble().orElseThrow().failure().message())
                .doesNotContain("Exception").contains("connection was closed");
    }

    @Test
    void goesOnByItselfFromWhereTheTargetStandsWhenTheEndsNoLongerMeet() {
        source = new MemorySource(pace, 2);
        source.standAt(at(9), at(8));
        target.standAt(at(5));
        start();
        assertThat(source.wentBack).containsExactly(
                "1-5: the source no longer keeps the logs that the target lacks");
        pace.pass(FREQUENCY);
        assertThat(target.acknowledged().sequence()).isGreaterThanOrEqualTo(7);
        assertThat(driver.report().trouble()).isEmpty();
    }

    @Test
    void deletesNothingBeforeTheEndsMeet() {
        target.standAt(new LogPosition(2, 5));
        start();
        pace.pass(Duration.ofHours(1));
        assertThat(driver.report().trouble().orElseThrow().failure().code())
                .isEqualTo(FailureCode.RELATIONSHIP_REFUSED);
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.HALTED);
        assertThat(target.received()).isZero();
        assertThat(source.meetings).as("nothing may be deleted of ends that do not meet").isZero();
    }

    @Test
    void aNudgeBeginsACycleAtOnce() {
        start();
        pace.pass(Duration.ofSeconds(1));
        driver.nudge();
        pace.settle();
        assertThat(source.captureStarts).containsExactly(0L, 1000L);
        assertThat(target.acknowledged()).isEqualTo(at(2));
    }

    @Test
    void aNudgeDuringACycleAsksForAnother() {
        source.hangCapture(true);
        start();
        driver.nudge();
        pace.settle();
        source.hangCapture(false);
        pace.settle();
        assertThat(source.captureStarts).containsExactly(0L, 0L);
    }

    @Test
    void tellsHowOldTheTargetIs() {
        start();
        pace.pass(Duration.ofSeconds(5));
        assertThat(driver.report().lastAcknowledged()).contains(pace.now());
        target.hang(true);
        pace.pass(Duration.ofSeconds(9));
        assertThat(driver.report().lastAcknowledged()).contains(pace.now().minusSeconds(9));
    }

    @Test
    void stopsWhereverItStands() {
        source.hangCapture(true);
        start();
        driver.stop();
        assertThat(driver.ended()).isTrue();
        assertThat(driver.report().phase()).isEqualTo(DriverPhase.STOPPED);
    }

    @Test
    void stopsWhileShippingHangs() {
        target.hang(true);
        start();
        driver.stop();
        assertThat(driver.ended()).isTrue();
        long held = target.received();
        target.hang(false);
        assertThat(target.received()).isEqualTo(held);
    }

    @Test
    void aLinkThatBreaksAgainAndAgainStillGetsOnWithoutGrowingPauses() {
        target.cutAfter(150);
        start();
        IntStream.range(0, 12).forEach(_ -> {
            target.cutAfter(150);
            pace.pass(Duration.ofSeconds(1));
        });
        assertThat(target.received()).isGreaterThanOrEqualTo(12 * 150);
    }

    private static LogPosition at(long sequence) {
        return new LogPosition(1, sequence);
    }
}
