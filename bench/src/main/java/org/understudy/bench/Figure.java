package org.understudy.bench;

import static org.understudy.bench.Figure.Role.FACT;
import static org.understudy.bench.Figure.Role.OURS;
import static org.understudy.bench.Figure.Role.TOOL;

/** All that is measured, in the order of the report; one sample of each a round, or several. */
enum Figure {
    INITIAL_UNDERSTUDY(Section.INITIAL, OURS, "s", "understudy: the first cycle's start to the first recovery point"),
    INITIAL_NBDCOPY(Section.INITIAL, TOOL, "s", "nbdcopy --flush to a local raw file"),
    INITIAL_QEMU_IMG(Section.INITIAL, TOOL, "s", "qemu-img convert to a local raw file, sync"),
    INITIAL_VIRTNBDBACKUP(Section.INITIAL, TOOL, "s", "virtnbdbackup -l full, sync"),
    INITIAL_VIRTNBDBACKUP_LZ4(Section.INITIAL, TOOL, "s", "virtnbdbackup -l full -z (lz4), sync"),
    INITIAL_CONTENT(Section.INITIAL, FACT, "MB", "content of the disks, as nbdcopy's files hold it"),
    INITIAL_CYCLES(Section.INITIAL, FACT, "", "of ours: cycles it took"),
    INITIAL_BEGIN(Section.INITIAL, FACT, "s", "of ours: points in time are begun, all cycles"),
    INITIAL_CAPTURE(Section.INITIAL, FACT, "s", "of ours: content is read, logs closed, all cycles"),
    INITIAL_SHIP(Section.INITIAL, FACT, "s", "of ours: sent, journaled, acknowledged, beside the next's capture"),
    INITIAL_WIRE(Section.INITIAL, FACT, "B/B", "of ours: bytes on the wire per byte of content"),
    INITIAL_SOURCE_CPU(Section.INITIAL, FACT, "cpu s", "of ours: the source agent's processor time"),
    INITIAL_TARGET_CPU(Section.INITIAL, FACT, "cpu s", "of ours: the target agent's, applying included"),
    INITIAL_NBDCOPY_CPU(Section.INITIAL, FACT, "cpu s", "nbdcopy's processor time, QEMU's not included"),
    INITIAL_VIRTNBDBACKUP_CPU(Section.INITIAL, FACT, "cpu s", "virtnbdbackup's (full), QEMU's not included"),
    INITIAL_QEMU_CPU(Section.INITIAL, FACT, "cpu s", "of ours: QEMU's, guest included"),

    IDLE_UNDERSTUDY(Section.IDLE, OURS, "s", "understudy: a cycle's start to its acknowledgement"),
    IDLE_VIRTNBDBACKUP(Section.IDLE, TOOL, "s", "virtnbdbackup -l inc, sync"),
    IDLE_BEGIN(Section.IDLE, FACT, "s", "of ours: the point in time is begun"),
    IDLE_CAPTURE(Section.IDLE, FACT, "s", "of ours: changes are read, logs closed"),
    IDLE_SHIP(Section.IDLE, FACT, "s", "of ours: point ended, logs sent, journaled, acknowledged"),
    IDLE_WIRE(Section.IDLE, FACT, "B", "bytes on the wire of such a cycle"),

    CHURN_UNDERSTUDY(Section.CHURN, OURS, "s", "understudy: a cycle's start to its acknowledgement"),
    CHURN_VIRTNBDBACKUP(Section.CHURN, TOOL, "s", "virtnbdbackup -l inc, sync"),
    CHURN_BEGIN(Section.CHURN, FACT, "s", "of ours: the point in time is begun"),
    CHURN_CAPTURE(Section.CHURN, FACT, "s", "of ours: changes are read, logs closed"),
    CHURN_SHIP(Section.CHURN, FACT, "s", "of ours: point ended, logs sent, journaled, acknowledged"),
    CHURN_LAG(Section.CHURN, FACT, "s", "written while cycles run: the last write to its acknowledgement"),
    CHURN_WIRE(Section.CHURN, FACT, "B/B", "bytes on the wire per byte written"),

    WRITER_WIRE(Section.WRITER, FACT, "B/B", "bytes on the wire per byte of records"),
    WRITER_CHANGED(Section.WRITER, FACT, "B/B", "bytes the dirty bitmaps name per byte of records"),

    GUEST_RATE_UNPROTECTED(Section.GUEST, FACT, "/s", "records, unprotected"),
    GUEST_RATE_PROTECTED(Section.GUEST, FACT, "/s", "records, protected"),
    GUEST_RATE_KEPT(Section.GUEST, FACT, "%", "of the rate is kept"),
    GUEST_P99_UNPROTECTED(Section.GUEST, FACT, "ms", "99 of 100 records durable within, unprotected"),
    GUEST_P99_PROTECTED(Section.GUEST, FACT, "ms", "the same, protected"),

    PART_READ(Section.PARTS, FACT, "MB/s", "read over NBD, nothing else"),
    PART_LOG_PLAIN(Section.PARTS, FACT, "MB/s", "read and log, uncompressed, fsync"),
    PART_LOG(Section.PARTS, FACT, "MB/s", "read, compress and log, fsync"),
    PART_TLS_FIRST(Section.PARTS, FACT, "MB/s", "send a log over TLS to a target that drops it: the process's first"),
    PART_TLS(Section.PARTS, FACT, "MB/s", "the same again, loopback, both ends in one process"),
    PART_JOURNAL(Section.PARTS, FACT, "MB/s", "verify and journal, fsync"),
    PART_APPLY(Section.PARTS, FACT, "MB/s", "apply to a blank disk, fdatasync (initial replication)"),
    PART_APPLY_UNDO(Section.PARTS, FACT, "MB/s", "undo log and apply over content, fsync (a cycle)"),

    MACHINE_BUSY(Section.MACHINE, FACT, "%", "of the processors busy before a round, the idle guest among it");

    private final Section section;
    private final Role role;
    private final String unit;
    private final String title;

    Figure(Section section, Role role, String unit, String title) {
        this.section = section;
        this.role = role;
        this.unit = unit;
        this.title = title;
    }

    Section section() {
        return section;
    }

    Role role() {
        return role;
    }

    String unit() {
        return unit;
    }

    String title() {
        return title;
    }

    /** Figures of one kind of work; ours and the tools' of one section are compared. */
    enum Section {
        INITIAL("Initial copy of the running VM"),
        IDLE("A cycle with nothing changed"),
        CHURN("A cycle with new random data"),
        WRITER("Steady records of 4 KiB, one after the other, on each of two disks"),
        GUEST("The guest writes as fast as it can, a cycle every second"),
        PARTS("The parts by themselves, over the first disk's content"),
        MACHINE("The machine");

        private final String title;

        Section(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    /** What a figure is in its section. */
    enum Role { OURS, TOOL, FACT }
}
