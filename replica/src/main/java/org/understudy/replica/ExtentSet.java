package org.understudy.replica;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.understudy.model.Extent;

/** A set of bytes of one disk, held as disjoint ranges that never touch. For one thread. */
final class ExtentSet {
    /** Start of a range to its end (exclusive). */
    private final NavigableMap<Long, Long> ranges = new TreeMap<>();

    /** Adds every byte of {@code extent}. */
    void add(Extent extent) {
        long start = extent.offset();
        long end = extent.end();
        Map.Entry<Long, Long> before = ranges.floorEntry(start);
        if (before != null && before.getValue() >= start) {
            start = before.getKey();
            end = Math.max(end, before.getValue());
        }
        Map.Entry<Long, Long> next = ranges.ceilingEntry(start);
        while (next != null && next.getKey() <= end) {
            end = Math.max(end, next.getValue());
            ranges.remove(next.getKey());
            next = ranges.ceilingEntry(start);
        }
        ranges.put(start, end);
    }

    /** The parts of {@code extent} that are not in this set, in ascending order. */
    List<Extent> lackingOf(Extent extent) {
        List<Extent> lacking = new ArrayList<>();
        long at = extent.offset();
        Map.Entry<Long, Long> range = ranges.floorEntry(at);
        if (range == null || range.getValue() <= at) {
            range = ranges.higherEntry(at);
        }
        while (at < extent.end()) {
            if (range == null || range.getKey() >= extent.end()) {
                lacking.add(new Extent(at, extent.end() - at));
                break;
            }
            if (range.getKey() > at) {
                lacking.add(new Extent(at, range.getKey() - at));
            }
            at = range.getValue();
            range = ranges.higherEntry(at);
        }
        return lacking;
    }

    /** How many ranges it has. */
    int size() {
        return ranges.size();
    }

    /** Removes the upper half of the ranges; answers where the first of them began. There must be two or more. */
    long forgetUpperHalf() {
        long from = ranges.keySet().stream().skip(ranges.size() / 2).findFirst().orElseThrow();
        ranges.tailMap(from, true).clear();
        return from;
    }

    /** The ranges of this set, in ascending order. */
    List<Extent> extents() {
        return ranges.entrySet().stream()
                .map(range -> new Extent(range.getKey(), range.getValue() - range.getKey())).toList();
    }
}
