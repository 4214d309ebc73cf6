package org.understudy.lab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.understudy.lab.GuestArea.Header;
import org.understudy.lab.GuestArea.Slot;

/**
 * The records found on one disk of a lab guest, and whether they are a prefix 1..last without a gap.
 *
 * <p>The ring keeps the newest records only; that the older ones were there is told by the numbers and by the checksum
 * of its predecessor that every record carries. The one slot after the last record may be torn: the guest may have been
 * stopped while it wrote there. Immutable.
 */
public final class DiskRecords {
    private static final int SLOTS_AT_ONCE = 256;

    private final int disk;
    private final String guest;
    private final long last;
    private final Slot[] slots;
    private final List<Boot> boots = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private long firstGap;

    /** A run of records that one boot of the guest wrote, first and last of those still kept. */
    public record Boot(UUID id, long first, long last, Instant firstAt, Instant lastAt) {
    }

    private DiskRecords(int disk, String guest, Slot[] slots) {
        this.disk = disk;
        this.guest = guest;
        this.slots = slots;
        long newest = 0;
        for (int i = 0; i < slots.length; i++) {
            if (slots[i] instanceof Slot.Whole record) {
                if (record.number() < 1 || (record.number() - 1) % slots.length != i) {
                    faults.add("disk %d: slot %d holds record %d, which belongs elsewhere"
                            .formatted(disk, i, record.number()));
                } else {
                    newest = Math.max(newest, record.number());
                }
            }
        }
        last = newest;
    }

    /** Reads the raw bytes of disk 1 or 2; damage is told by {@link #faults}, not thrown. */
    static DiskRecords read(SeekableByteChannel channel, int disk) throws IOException {
        Optional<Header> header;
        try {
            header = GuestArea.readHeader(channel, disk);
        } catch (IOException damaged) {
            return faulty(disk, damaged.getMessage());
        }
        if (header.isEmpty()) {
            return new DiskRecords(disk, "", new Slot[0]);
        }
        if (header.get().disk() != disk) {
            return faulty(disk, "disk %d: the header says it is disk %d".formatted(disk, header.get().disk()));
        }
        Slot[] slots = new Slot[Math.toIntExact(header.get().slots())];
        for (int from = 0; from < slots.length; from += SLOTS_AT_ONCE) {
            int count = Math.min(SLOTS_AT_ONCE, slots.length - from);
            long at = header.get().slotsAt() + (long) from * GuestArea.BLOCK;
            ByteBuffer buffer = GuestArea.read(channel, at, count * GuestArea.BLOCK);
            for (int i = 0; i < count; i++) {
                slots[from + i] = GuestArea.slot(buffer, i * GuestArea.BLOCK);
            }
        }
        DiskRecords records = new DiskRecords(disk, header.get().guest(), slots);
        records.checkPrefix();
        records.checkRest();
        return records;
    }

    private static DiskRecords faulty(int disk, String fault) {
        DiskRecords records = new DiskRecords(disk, "", new Slot[0]);
        records.faults.add(fault);
        return records;
    }

    public int disk() {
        return disk;
    }

    /** The name of the guest that wrote, empty where nothing was written yet. */
    public String guest() {
        return guest;
    }

    /** The lowest number that must still be here; 1 until the ring has wrapped. */
    public long first() {
        return last == 0 ? 0 : Math.max(1, last - slots.length + 2);
    }

    /** The highest number found, 0 if none. */
    public long last() {
        return last;
    }

    /** The lowest number between first and last that is not here. */
    public OptionalLong firstGap() {
        return firstGap == 0 ? OptionalLong.empty() : OptionalLong.of(firstGap);
    }

    /** By record number; the guest's wall clock as it stood then. */
    public List<Boot> boots() {
        return List.copyOf(boots);
    }

    public Optional<Instant> lastAt() {
        return boots.isEmpty() ? Optional.empty() : Optional.of(boots.getLast().lastAt());
    }

    /** Sentences; empty if the records are a gapless, checksummed, chained prefix. */
    public List<String> faults() {
        return List.copyOf(faults);
    }

    /** A record still kept on this disk. */
    Optional<Slot.Whole> record(long number) {
        return number >= 1 && slots.length > 0 && slots[slotOf(number)] instanceof Slot.Whole whole
                && whole.number() == number ? Optional.of(whole) : Optional.empty();
    }

    private int slotOf(long number) {
        return (int) ((number - 1) % slots.length);
    }

    private void checkPrefix() {
        long missing = 0;
        Slot.Whole previous = null;
        for (long number = first(); number >= 1 && number <= last; number++) {
            Slot.Whole record = record(number).orElse(null);
            if (record == null) {
                firstGap = firstGap == 0 ? number : firstGap;
                missing++;
            } else {
                checkChain(record, previous);
                countBoot(record);
            }
            previous = record;
        }
        if (missing > 0) {
            faults.add("disk %d: %d of the records %d..%d are missing, the first is %d"
                    .formatted(disk, missing, first(), last, firstGap));
        }
    }

    private void checkChain(Slot.Whole record, Slot.Whole previous) {
        boolean broken = record.number() == 1 ? record.previousChecksum() != 0
                : previous != null && record.previousChecksum() != previous.checksum();
        if (broken) {
            faults.add("disk %d: record %d was not written after the record %d found before it"
                    .formatted(disk, record.number(), record.number() - 1));
        }
    }

    private void countBoot(Slot.Whole record) {
        Instant at = Instant.EPOCH.plus(record.micros(), ChronoUnit.MICROS);
        Boot present = boots.isEmpty() ? null : boots.getLast();
        if (present != null && present.id().equals(record.bootId())) {
            boots.set(boots.size() - 1,
                    new Boot(present.id(), present.first(), record.number(), present.firstAt(), at));
        } else {
            boots.add(new Boot(record.bootId(), record.number(), record.number(), at, at));
        }
    }

    /** Before the ring has wrapped everything behind the slot in hand is empty. */
    private void checkRest() {
        for (long slot = last + 1; slot < slots.length; slot++) {
            if (!(slots[(int) slot] instanceof Slot.Empty)) {
                faults.add("disk %d: slot %d lies behind the last record %d and is not empty"
                        .formatted(disk, slot, last));
                return;
            }
        }
    }
}
