package org.understudy.lab;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The proof, from the bytes of both disks of a lab guest, that they are one instant of it.
 *
 * <p>The guest makes record n durable on disk 1, then on disk 2, then begins n + 1. So disks of one instant hold
 * gapless prefixes 1..n and 1..m with m = n or m = n - 1, and the same bytes for a number on both. Knows nothing of the
 * product that made the copies. Immutable.
 *
 * @param faults sentences; empty if the two disks are one instant
 */
public record GuestRecords(DiskRecords disk1, DiskRecords disk2, List<String> faults) {
    public GuestRecords {
        faults = List.copyOf(faults);
    }

    /** Reads raw disk images, not qcow2. */
    public static GuestRecords read(Path disk1, Path disk2) throws IOException {
        try (FileChannel first = FileChannel.open(disk1, StandardOpenOption.READ);
                FileChannel second = FileChannel.open(disk2, StandardOpenOption.READ)) {
            return read(first, second);
        }
    }

    /** Reads raw disks through any channel; moves its position. */
    public static GuestRecords read(SeekableByteChannel disk1, SeekableByteChannel disk2) throws IOException {
        return compare(DiskRecords.read(disk1, 1), DiskRecords.read(disk2, 2));
    }

    public boolean consistent() {
        return faults.isEmpty();
    }

    /** The highest number that both disks hold; 0 if none. */
    public long lastOnBoth() {
        return Math.min(disk1.last(), disk2.last());
    }

    private static GuestRecords compare(DiskRecords disk1, DiskRecords disk2) {
        List<String> faults = new ArrayList<>(disk1.faults());
        faults.addAll(disk2.faults());
        if (disk2.last() > disk1.last()) {
            faults.add("disk 2 holds record %d, disk 1 only %d: disk 2 is ahead".formatted(disk2.last(), disk1.last()));
        } else if (disk1.last() - disk2.last() > 1) {
            faults.add("disk 1 holds record %d, disk 2 only %d: disk 2 is more than one behind"
                    .formatted(disk1.last(), disk2.last()));
        }
        if (!disk1.guest().equals(disk2.guest()) && disk2.last() > 0) {
            faults.add("disk 1 is of guest '%s', disk 2 of '%s'".formatted(disk1.guest(), disk2.guest()));
        }
        long from = Math.max(disk1.first(), disk2.first());
        long to = Math.min(disk1.last(), disk2.last());
        for (long number = Math.max(1, from); number <= to; number++) {
            var one = disk1.record(number);
            var two = disk2.record(number);
            if (one.isPresent() && two.isPresent() && !one.equals(two)) {
                faults.add("record %d differs between the disks".formatted(number));
                break;
            }
        }
        return new GuestRecords(disk1, disk2, faults);
    }
}
