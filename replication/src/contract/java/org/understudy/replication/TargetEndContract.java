package org.understudy.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/** What every session with a target promises the driver, whatever stands behind it. */
public abstract class TargetEndContract {
    /** Opens a session with a target of generation 1 that holds nothing yet; the same target within one test. */
    protected abstract TargetEnd dial() throws Exception;

    /** What the source has at a position, one for each disk; their bytes are the same at each call. */
    protected abstract List<Segment> segments(LogPosition position) throws Exception;

    /** The target turns out to hold a damaged segment, right after this position. */
    protected abstract void damageAfter(LogPosition position) throws Exception;

    /** Runs what a test does, where a target needs a world of its own to run in. */
    protected void inItsWorld(Doing doing) throws Exception {
        doing.run();
    }

    /** What a test does. */
    protected interface Doing {
        void run() throws Exception;
    }

    @Test
    void standsAtWhatItAcknowledgedInThisSessionAndTheNext() throws Exception {
        inItsWorld(() -> {
            try (TargetEnd target = dial()) {
                assertThat(target.standing()).isEqualTo(TargetStanding.at(at(0)));
                reach(target, 1);
                assertThat(target.standing()).isEqualTo(TargetStanding.at(at(1)));
            }
            try (TargetEnd target = dial()) {
                assertThat(target.standing()).isEqualTo(TargetStanding.at(at(1)));
                reach(target, 2);
            }
        });
    }

    @Test
    void tellsInTheNextSessionWhatItHoldsOfTheNextPosition() throws Exception {
        inItsWorld(() -> {
            Segment first = segments(at(1)).getFirst();
            try (TargetEnd target = dial()) {
                target.ship(first, 0);
                assertThat(target.standing().held(first)).isEqualTo(first.length());
            }
            try (TargetEnd target = dial()) {
                assertThat(target.standing().acknowledged()).isEqualTo(at(0));
                assertThat(target.standing().held(first)).isEqualTo(first.length());
            }
        });
    }

    @Test
    void tellsOfDamageAndGoesBackToBeforeItWhenAsked() throws Exception {
        inItsWorld(() -> {
            try (TargetEnd target = dial()) {
                reach(target, 1);
                reach(target, 2);
                reach(target, 3);
            }
            damageAfter(at(1));
            try (TargetEnd target = dial()) {
                assertThat(target.standing().acknowledged()).isEqualTo(at(3));
                assertThat(target.standing().wholeUpTo()).contains(at(1));
                target.goBackTo(at(1));
                assertThat(target.standing()).isEqualTo(TargetStanding.at(at(1)));
            }
            try (TargetEnd target = dial()) {
                assertThat(target.standing()).isEqualTo(TargetStanding.at(at(1)));
                reach(target, 2);
            }
        });
    }

    @Test
    void keepsTheMachinesStateOfAPositionThatIsAcknowledgedAndOfNoOther() throws Exception {
        MachineState one = new MachineState(new byte[] {1});
        MachineState two = new MachineState(new byte[] {2, 2});
        inItsWorld(() -> {
            try (TargetEnd target = dial()) {
                assertThat(target.keptState()).contains(StateDigest.OF_NONE);
                keep(target, 1, one);
            }
            try (TargetEnd target = dial()) {
                assertThat(target.keptState()).contains(one.digest());
                ship(target, 2);
                target.keep(at(2), two);
            }
            try (TargetEnd target = dial()) {
                assertThat(target.keptState()).as("never acknowledged, so captured anew").contains(one.digest());
                reach(target, 2);
                keep(target, 3, two);
                keep(target, 4, MachineState.NONE);
            }
            damageAfter(at(3));
            try (TargetEnd target = dial()) {
                assertThat(target.keptState()).contains(StateDigest.OF_NONE);
                target.goBackTo(at(3));
            }
            try (TargetEnd target = dial()) {
                assertThat(target.keptState()).contains(two.digest());
            }
        });
    }

    @Test
    void givesUpNothingThatIsWhole() throws Exception {
        inItsWorld(() -> {
            try (TargetEnd target = dial()) {
                reach(target, 1);
                reach(target, 2);
            }
            try (TargetEnd target = dial()) {
                assertThatExceptionOfType(FailureException.class).isThrownBy(() -> target.goBackTo(at(1)));
            }
            try (TargetEnd target = dial()) {
                assertThat(target.standing()).isEqualTo(TargetStanding.at(at(2)));
            }
        });
    }

    private void reach(TargetEnd target, long sequence) throws Exception {
        ship(target, sequence);
        target.acknowledge(at(sequence));
    }

    private void keep(TargetEnd target, long sequence, MachineState state) throws Exception {
        ship(target, sequence);
        target.keep(at(sequence), state);
        target.acknowledge(at(sequence));
    }

    private void ship(TargetEnd target, long sequence) throws Exception {
        for (Segment segment : segments(at(sequence))) {
            target.ship(segment, target.standing().held(segment).bytes());
        }
        target.define(at(sequence), "<domain/>");
    }

    private static LogPosition at(long sequence) {
        return new LogPosition(1, sequence);
    }
}
