package org.understudy.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/** What every source promises its driver, whatever stands behind it. */
public abstract class SourceEndContract {
    /** A source in generation 1 that has captured nothing yet; the same at each call within one test. */
    protected abstract SourceEnd source() throws Exception;

    /** What changed since the last cycle is not known any more, as when QEMU was killed. */
    protected abstract void loseTrack() throws Exception;

    /** The logs that wait are gone. */
    protected abstract void loseLogs() throws Exception;

    /** What the VM keeps beside its disks is another from now on: one for each number, and nothing for 0. */
    protected abstract void keep(int what) throws Exception;

    /** Runs what a test does, where a source needs a world of its own to run in. */
    protected void inItsWorld(Doing doing) throws Exception {
        doing.run();
    }

    /** What a test does. */
    protected interface Doing {
        void run() throws Exception;
    }

    @Test
    void movesOneCycleAtATime() throws Exception {
        inItsWorld(() -> {
            assertThat(source().standing().captured()).isEqualTo(at(0));
            source().capture();
            source().capture();
            assertThat(source().standing().captured()).isEqualTo(at(2));
            assertThat(source().standing().acknowledged()).isEqualTo(at(0));
            List<Segment> segments = source().segments(at(1));
            assertThat(segments).isNotEmpty().allMatch(segment -> segment.position().equals(at(1)));
            assertThat(source().standing().loss()).isEmpty();
        });
    }

    @Test
    void refusesSegmentsOfAPositionThatIsNotKept() throws Exception {
        inItsWorld(() -> {
            source().capture();
            source().capture();
            source().acknowledged(at(1));
            refused(at(1));
            refused(at(3));
            assertThat(source().standing().loss()).as("nothing is lost by asking").isEmpty();
            assertThat(source().segments(at(2))).isNotEmpty();
        });
    }

    @Test
    void capturesAgainWhatWaitedWhenTheLogsAreLost() throws Exception {
        inItsWorld(() -> {
            cover();
            long acknowledged = source().standing().acknowledged().sequence();
            source().capture();
            loseLogs();
            refused(at(acknowledged + 1));
            assertThat(source().standing().loss()).containsInstanceOf(Loss.OfLogs.class);
            source().goBackTo(at(acknowledged), "the logs are gone");
            source().goBackTo(at(acknowledged), "the logs are gone");
            assertThat(source().standing().loss()).isEmpty();
            assertThat(source().standing().captured()).isEqualTo(at(acknowledged));
            assertThat(source().standing().initial()).as("what changed since is known").isFalse();
            source().capture();
            assertThat(source().segments(at(acknowledged + 1))).isNotEmpty();
        });
    }

    @Test
    void coversAnewWhenItIsToldToAndNobodyKnowsWhatChanged() throws Exception {
        inItsWorld(() -> {
            cover();
            LogPosition before = source().standing().captured();
            loseTrack();
            source().capture();
            assertThat(source().standing().captured()).as("nothing was captured").isEqualTo(before);
            assertThat(source().standing().loss()).containsInstanceOf(Loss.OfChanges.class);
            source().coverAnew("QEMU was killed");
            assertThat(source().standing().loss()).isEmpty();
            assertThat(source().standing().initial()).isTrue();
            cover();
            assertThat(source().standing().captured().isAfter(before)).as("in the same chain").isTrue();
        });
    }

    @Test
    void goesOnAnywhereInTheChainAndCoversAnewFromThere() throws Exception {
        for (long sequence : new long[] {40, 2}) {
            inItsWorld(() -> {
                cover();
                source().capture();
                source().goBackTo(at(sequence), "the target stands there");
                assertThat(source().standing().captured()).isEqualTo(at(sequence));
                assertThat(source().standing().acknowledged()).isEqualTo(at(sequence));
                assertThat(source().standing().initial()).isTrue();
                source().capture();
                assertThat(source().standing().captured()).isEqualTo(at(sequence + 1));
                assertThat(source().segments(at(sequence + 1))).isNotEmpty();
                cover();
            });
        }
    }

    @Test
    void tellsOfEachPositionWhatTheMachineKeptThen() throws Exception {
        inItsWorld(() -> {
            source().capture();
            assertThat(source().machineState(at(1), Optional.empty())).contains(MachineState.NONE);
            assertThat(source().machineState(at(1), Optional.of(StateDigest.OF_NONE))).isEmpty();
            keep(1);
            source().capture();
            source().capture();
            keep(2);
            MachineState one = source().machineState(at(2), Optional.empty()).orElseThrow();
            assertThat(one).isNotEqualTo(MachineState.NONE);
            assertThat(source().machineState(at(3), Optional.of(StateDigest.OF_NONE))).contains(one);
            assertThat(source().machineState(at(3), Optional.of(one.digest()))).as("it is known there").isEmpty();
            source().acknowledged(at(2));
            source().capture();
            keep(0);
            source().capture();
            MachineState two = source().machineState(at(4), Optional.of(one.digest())).orElseThrow();
            assertThat(two).isNotEqualTo(one);
            assertThat(source().machineState(at(3), Optional.empty())).as("as long as it waits").contains(one);
            assertThat(source().machineState(at(5), Optional.of(two.digest()))).contains(MachineState.NONE);
        });
    }

    @Test
    void tellsAnewOfPositionsThatTakeThePlaceOfOthers() throws Exception {
        inItsWorld(() -> {
            keep(1);
            source().capture();
            source().acknowledged(at(1));
            MachineState one = source().machineState(at(1), Optional.empty()).orElseThrow();
            keep(2);
            source().capture();
            source().capture();
            loseLogs();
            source().goBackTo(at(1), "the logs are gone");
            keep(1);
            source().capture();
            source().capture();
            for (long sequence = 2; sequence <= 3; sequence++) {
                assertThat(source().machineState(at(sequence), Optional.empty())).contains(one);
            }
        });
    }

    /** Until all is covered and acknowledged. */
    private void cover() throws Exception {
        do {
            source().met();
            source().capture();
            source().acknowledged(source().standing().captured());
        } while (source().standing().initial());
    }

    private void refused(LogPosition position) {
        assertThatExceptionOfType(FailureException.class).isThrownBy(() -> source().segments(position))
                .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.CHANGE_LOG_CORRUPT));
    }

    private static LogPosition at(long sequence) {
        return new LogPosition(1, sequence);
    }
}
