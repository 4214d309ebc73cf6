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
        for (Segment segment : segments(at(sequence))) {
            target.ship(segment, target.standing().held(segment).bytes());
        }
        target.define(at(sequence), "<domain/>");
        target.acknowledge(at(sequence));
    }

    private static LogPosition at(long sequence) {
        return new LogPosition(1, sequence);
    }
}
