package org.understudy.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.understudy.lab.DiskRecords.Boot;

/** Tests of what the disks of both sites prove, and do not. */
class LossTest {
    private static final UUID AT_SOURCE = new UUID(0, 1);
    private static final UUID AT_TARGET = new UUID(0, 2);

    @Test
    void countsWhatTheReplicaLacks() {
        Loss loss = Loss.between(history(boot(AT_SOURCE, 1, 500)),
                history(boot(AT_SOURCE, 1, 470), boot(AT_TARGET, 471, 480)));
        assertThat(loss.proved()).isTrue();
        assertThat(loss.records()).isEqualTo(30);
        assertThat(loss.rpo()).isEqualTo(Duration.ofMillis(600));
        assertThat(loss.lastAtSource().number()).isEqualTo(500);
        assertThat(loss.lastInReplica()).isEqualTo(new Loss.Record(470, at(470)));
        assertThat(loss.firstAfter()).isEqualTo(new Loss.Record(471, at(471)));
    }

    @Test
    void losesNothingWhenTheReplicaHasTheLastRecord() {
        Loss loss = Loss.between(history(boot(AT_SOURCE, 1, 500)),
                history(boot(AT_SOURCE, 1, 500), boot(AT_TARGET, 501, 501)));
        assertThat(loss.proved()).isTrue();
        assertThat(loss.records()).isZero();
        assertThat(loss.rpo()).isZero();
    }

    @Test
    void countsEarlierBootsAtTheLostSiteAsCarried() {
        UUID earlier = new UUID(0, 9);
        Loss loss = Loss.between(history(boot(earlier, 1, 100), boot(AT_SOURCE, 101, 500)),
                history(boot(earlier, 1, 100), boot(AT_SOURCE, 101, 499), boot(AT_TARGET, 500, 600)));
        assertThat(loss.proved()).isTrue();
        assertThat(loss.records()).isEqualTo(1);
    }

    @Test
    void provesNothingFromDisksThatAreNotOneInstant() {
        RecordHistory torn = new RecordHistory(
                List.of(boot(AT_SOURCE, 1, 470), boot(AT_TARGET, 471, 480)), List.of("disk 2 is ahead"));
        assertThat(Loss.between(history(boot(AT_SOURCE, 1, 500)), torn).faults())
                .containsExactly("at the other site: disk 2 is ahead");
    }

    @Test
    void provesNothingWhenNothingWasWrittenAfterwards() {
        Loss loss = Loss.between(history(boot(AT_SOURCE, 1, 500)), history(boot(AT_SOURCE, 1, 470)));
        assertThat(loss.faults()).containsExactly("nothing was written at the other site");
        assertThat(loss.firstAfter()).isEqualTo(Loss.Record.NONE);
    }

    @Test
    void provesNothingFromTheDisksOfAnotherGuest() {
        assertThat(Loss.between(history(boot(AT_SOURCE, 1, 500)), history(boot(AT_TARGET, 1, 80))).faults())
                .containsExactly("the replica holds no record that was written at the lost site");
    }

    @Test
    void provesNothingWhenTheReplicaHasMoreThanTheSourceEverHad() {
        assertThat(Loss.between(history(boot(AT_SOURCE, 1, 500)),
                history(boot(AT_SOURCE, 1, 510), boot(AT_TARGET, 511, 520))).faults())
                .containsExactly("the replica holds record 510, the lost site only 500");
    }

    @Test
    void provesNothingWhenTheNumbersDoNotGoOn() {
        assertThat(Loss.between(history(boot(AT_SOURCE, 1, 500)),
                history(boot(AT_SOURCE, 1, 470), boot(AT_TARGET, 475, 480))).faults())
                .containsExactly("the VM found record 470 on its disks and went on with 475");
    }

    private static RecordHistory history(Boot... boots) {
        return new RecordHistory(List.of(boots), List.of());
    }

    /** Fifty records a second. */
    private static Boot boot(UUID id, long first, long last) {
        return new Boot(id, first, last, at(first), at(last));
    }

    private static Instant at(long number) {
        return Instant.EPOCH.plusMillis(20 * number);
    }
}
