package org.understudy.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the reader of a guest's disks accepts as one instant, and each way it refuses others. */
class GuestRecordsTest {
    @Test
    void acceptsDisksThatEndAtTheSameRecord() throws IOException {
        GuestRecords records = read(SyntheticDisk.with(1, 40), SyntheticDisk.with(2, 40));
        assertThat(records.faults()).isEmpty();
        assertThat(records.lastOnBoth()).isEqualTo(40);
        assertThat(records.disk1().guest()).isEqualTo("web01");
        assertThat(records.disk1().lastAt()).contains(Instant.ofEpochSecond(40));
    }

    @Test
    void acceptsDisk2OneRecordBehind() throws IOException {
        GuestRecords records = read(SyntheticDisk.with(1, 40), SyntheticDisk.with(2, 39));
        assertThat(records.consistent()).isTrue();
        assertThat(records.lastOnBoth()).isEqualTo(39);
    }

    @Test
    void acceptsDisksOfAGuestThatHasNotBegun() throws IOException {
        assertThat(read(SyntheticDisk.unwritten(1), SyntheticDisk.unwritten(2)).faults()).isEmpty();
        assertThat(read(SyntheticDisk.with(1, 0), SyntheticDisk.unwritten(2)).faults()).isEmpty();
        assertThat(read(SyntheticDisk.with(1, 0), SyntheticDisk.with(2, 0)).lastOnBoth()).isZero();
    }

    @Test
    void refusesDisk2AheadOfDisk1() throws IOException {
        assertThat(read(SyntheticDisk.with(1, 39), SyntheticDisk.with(2, 40)).faults())
                .containsExactly("disk 2 holds record 40, disk 1 only 39: disk 2 is ahead");
    }

    @Test
    void refusesDisk2MoreThanOneBehind() throws IOException {
        assertThat(read(SyntheticDisk.with(1, 40), SyntheticDisk.with(2, 38)).faults())
                .containsExactly("disk 1 holds record 40, disk 2 only 38: disk 2 is more than one behind");
    }

    @Test
    void acceptsATornRecordBehindTheLast() throws IOException {
        GuestRecords records = read(SyntheticDisk.with(1, 40).tear(41, 512), SyntheticDisk.with(2, 40));
        assertThat(records.faults()).isEmpty();
        assertThat(records.disk1().last()).isEqualTo(40);
    }

    @Test
    void acceptsATornRecordOverTheOldestOfAFullRing() throws IOException {
        GuestRecords records = read(SyntheticDisk.with(1, 100).tear(101, 1024), SyntheticDisk.with(2, 100));
        assertThat(records.faults()).isEmpty();
        assertThat(records.disk1().first()).isEqualTo(38);
        assertThat(records.disk1().last()).isEqualTo(100);
    }

    @Test
    void refusesATornRecordBeforeTheLast() throws IOException {
        GuestRecords records = read(SyntheticDisk.with(1, 40).flip(17, 2000), SyntheticDisk.with(2, 40));
        assertThat(records.faults())
                .containsExactly("disk 1: 1 of the records 1..40 are missing, the first is 17");
        assertThat(records.disk1().firstGap()).hasValue(17);
    }

    @Test
    void refusesAGap() throws IOException {
        GuestRecords records = read(SyntheticDisk.with(1, 40), SyntheticDisk.with(2, 40).forget(12).forget(13));
        assertThat(records.faults())
                .containsExactly("disk 2: 2 of the records 1..40 are missing, the first is 12");
    }

    @Test
    void refusesARecordOfTheLapBefore() throws IOException {
        SyntheticDisk stale = SyntheticDisk.with(1, 64);
        for (long number = 65; number <= 100; number++) {
            if (number != 70) {
                stale.append(number, 0);
            }
        }
        assertThat(read(stale, SyntheticDisk.with(2, 100)).disk1().firstGap()).hasValue(70);
    }

    @Test
    void refusesTwoWritesInHandAtOnce() throws IOException {
        assertThat(read(SyntheticDisk.with(1, 40).tear(41, 8).tear(42, 8), SyntheticDisk.with(2, 40)).faults())
                .containsExactly("disk 1: slot 41 lies behind the last record 40 and is not empty");
    }

    @Test
    void refusesARecordThatWasNotWrittenAfterItsPredecessor() throws IOException {
        SyntheticDisk other = SyntheticDisk.with(1, 20).append(7, 3);
        assertThat(read(other, SyntheticDisk.with(2, 20)).faults()).contains(
                "disk 1: record 8 was not written after the record 7 found before it",
                "record 7 differs between the disks");
    }

    @Test
    void refusesDisksInTheWrongOrder() throws IOException {
        GuestRecords records = GuestRecords.read(
                SyntheticDisk.with(2, 10).channel(), SyntheticDisk.with(1, 10).channel());
        assertThat(records.consistent()).isFalse();
    }

    @Test
    void refusesADamagedHeader() throws IOException {
        assertThat(read(SyntheticDisk.with(1, 10), SyntheticDisk.with(2, 10).damageHeader()).faults())
                .contains("disk 2: the header at 0 is damaged");
    }

    @Test
    void tellsWhichBootWroteWhat() throws IOException {
        GuestRecords records = read(
                SyntheticDisk.with(1, 10).append(11, 1).append(12, 1),
                SyntheticDisk.with(2, 10).append(11, 1));
        assertThat(records.faults()).isEmpty();
        assertThat(records.disk1().boots()).containsExactly(
                new DiskRecords.Boot(new UUID(1, 0), 1, 10, Instant.ofEpochSecond(1), Instant.ofEpochSecond(10)),
                new DiskRecords.Boot(new UUID(1, 1), 11, 12, Instant.ofEpochSecond(11), Instant.ofEpochSecond(12)));
    }

    private static GuestRecords read(SyntheticDisk disk1, SyntheticDisk disk2) throws IOException {
        return GuestRecords.read(disk1.channel(), disk2.channel());
    }
}
