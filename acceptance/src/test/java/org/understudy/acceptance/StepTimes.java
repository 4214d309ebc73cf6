package org.understudy.acceptance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the time of a story goes: how long each of its steps took, the same steps together, in the order in which they
 * came first. Every moment belongs to one step. Not for several threads.
 */
final class StepTimes {
    private final Map<String, List<Long>> millis = new LinkedHashMap<>();
    private long since = System.nanoTime();

    /** What passed since the last step was done, or since the beginning, was this one. */
    void done(String step) {
        long now = System.nanoTime();
        millis.computeIfAbsent(step, _ -> new ArrayList<>()).add((now - since) / 1_000_000);
        since = now;
    }

    void print() {
        System.out.printf("%-60s %6s %10s %10s %10s%n", "step", "times", "median", "slowest", "together");
        millis.forEach((step, all) -> {
            List<Long> sorted = all.stream().sorted().toList();
            long together = all.stream().mapToLong(Long::longValue).sum();
            System.out.printf("%-60s %6d %8.1f s %8.1f s %8.1f s%n", step, all.size(),
                    sorted.get(sorted.size() / 2) / 1000.0, sorted.getLast() / 1000.0, together / 1000.0);
        });
    }
}
