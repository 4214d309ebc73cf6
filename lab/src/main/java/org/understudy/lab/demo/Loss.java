package org.understudy.lab.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.understudy.lab.DiskRecords.Boot;

/**
 * What the loss of a site cost, from nothing but the records on the disks of both sites.
 *
 * @param lastAtSource the last record that was durable at the lost site
 * @param lastInReplica the last record that the VM found on its disks at the other site
 * @param firstAfter the first record that it wrote there
 * @param faults why the disks do not prove that; empty if they do
 */
record Loss(Record lastAtSource, Record lastInReplica, Record firstAfter, List<String> faults) {
    Loss {
        faults = List.copyOf(faults);
    }

    /** A record of the guest, with the guest's clock when it was written; number 0 for none. */
    record Record(long number, Instant at) {
        static final Record NONE = new Record(0, Instant.EPOCH);
    }

    /**
     * Compares the dead site's disks with those of the VM that goes on.
     *
     * @param source read after the death of its site
     * @param target read after the VM wrote at the other site
     */
    static Loss between(RecordHistory source, RecordHistory target) {
        List<String> faults = new ArrayList<>();
        source.faults().forEach(fault -> faults.add("at the lost site: " + fault));
        target.faults().forEach(fault -> faults.add("at the other site: " + fault));
        Set<?> known = source.boots().stream().map(Boot::id).collect(Collectors.toSet());
        List<Boot> carried = target.boots().stream().filter(boot -> known.contains(boot.id())).toList();
        List<Boot> fresh = target.boots().stream().filter(boot -> !known.contains(boot.id())).toList();
        if (source.boots().isEmpty()) {
            faults.add("the lost site's disks hold no record");
        }
        if (carried.isEmpty()) {
            faults.add("the replica holds no record that was written at the lost site");
        }
        if (fresh.isEmpty()) {
            faults.add("nothing was written at the other site");
        }
        if (!carried.isEmpty() && !fresh.isEmpty() && fresh.getFirst().first() != carried.getLast().last() + 1) {
            faults.add("the VM found record %d on its disks and went on with %d".formatted(
                    carried.getLast().last(), fresh.getFirst().first()));
        }
        if (!carried.isEmpty() && carried.getLast().last() > source.last()) {
            faults.add("the replica holds record %d, the lost site only %d".formatted(
                    carried.getLast().last(), source.last()));
        }
        return new Loss(last(source.boots()), last(carried), first(fresh), faults);
    }

    boolean proved() {
        return faults.isEmpty();
    }

    /** Records that were durable at the lost site and are not in the replica. */
    long records() {
        return Math.max(0, lastAtSource.number() - lastInReplica.number());
    }

    /** The time of the guest's work that is lost, by the guest's clock. */
    Duration rpo() {
        return records() == 0 ? Duration.ZERO : Duration.between(lastInReplica.at(), lastAtSource.at());
    }

    private static Record last(List<Boot> boots) {
        return boots.isEmpty() ? Record.NONE : new Record(boots.getLast().last(), boots.getLast().lastAt());
    }

    private static Record first(List<Boot> boots) {
        return boots.isEmpty() ? Record.NONE : new Record(boots.getFirst().first(), boots.getFirst().firstAt());
    }
}
