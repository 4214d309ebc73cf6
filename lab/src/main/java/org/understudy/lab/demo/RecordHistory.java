package org.understudy.lab.demo;

import java.util.List;
import org.understudy.lab.DiskRecords;
import org.understudy.lab.GuestRecords;

/**
 * The records that both disks of a guest hold, by the boots that wrote them, and whether the disks are one instant.
 *
 * @param boots oldest first, gapless; the times are the guest's clock
 * @param faults sentences; empty if the two disks are one instant
 */
record RecordHistory(List<DiskRecords.Boot> boots, List<String> faults) {
    RecordHistory {
        boots = List.copyOf(boots);
        faults = List.copyOf(faults);
    }

    /** A record is durable when disk 2 has it, which is written after disk 1. */
    static RecordHistory of(GuestRecords records) {
        return new RecordHistory(records.disk2().boots(), records.faults());
    }

    long last() {
        return boots.isEmpty() ? 0 : boots.getLast().last();
    }
}
