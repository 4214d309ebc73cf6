package org.understudy.replica;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.understudy.model.Consistency;
import org.understudy.model.LogPosition;

/**
 * Decides which instants of a replica stay recovery points (RP-02, RP-04); pure.
 *
 * <p>Kept are: the newest point, whatever came after it; everything captured within the recent window before it; and in
 * each of the newest N clock hours that have points, N being the standard points, the earliest point and the earliest
 * application-consistent one. The earliest of an hour does not change while the hour goes on, so what was kept once
 * stays kept until it is too old. Ages count back from the newest point: while no point arrives, because the source is
 * lost or the disks are covered anew, nothing goes. Partial instants are never kept, except the latest, which is what
 * the disks hold.
 *
 * <p>A clock may have been wrong. What was captured by its own word later than now, and before an instant that was not,
 * counts as captured with that one: a source whose clock was ahead for a while neither keeps those points until then
 * nor lets them push out the points of other hours.
 */
public final class RetentionPlanner {
    private RetentionPlanner() {}

    /**
     * Plans for the instants that a replica can still be taken back to.
     *
     * @param instants oldest first; the last one is what the disks hold
     * @param now by the clock that captured them
     */
    public static Plan plan(List<ReplicaInstant> instants, Instant now, Retention retention) {
        return plan(instants, now, retention, Set.of());
    }

    /**
     * The same.
     *
     * @param pinned stay, whatever the retention says
     */
    public static Plan plan(
            List<ReplicaInstant> instants, Instant now, Retention retention, Set<LogPosition> pinned) {
        if (instants.isEmpty()) {
            return new Plan(List.of(), List.of());
        }
        List<Instant> times = times(instants, now);
        Set<LogPosition> kept = new HashSet<>(pinned);
        kept.add(instants.getLast().position());
        int newest = newestPoint(instants);
        if (newest >= 0) {
            kept.add(instants.get(newest).position());
            Instant latest = times.get(newest);
            Instant windowStart = (latest.isBefore(now) ? latest : now).minus(retention.recentWindow());
            for (int i = 0; i < instants.size(); i++) {
                if (instants.get(i).isPoint() && times.get(i).isAfter(windowStart)) {
                    kept.add(instants.get(i).position());
                }
            }
        }
        keepStandardPoints(instants, times, retention.standardPoints(), kept);
        List<ReplicaInstant> keep = instants.stream().filter(it -> kept.contains(it.position())).toList();
        return new Plan(keep, runs(instants, kept));
    }

    private static int newestPoint(List<ReplicaInstant> instants) {
        int newest = instants.size() - 1;
        while (newest >= 0 && !instants.get(newest).isPoint()) {
            newest--;
        }
        return newest;
    }

    /** When each instant was captured, as far as that can be believed. */
    private static List<Instant> times(List<ReplicaInstant> instants, Instant now) {
        Instant[] times = new Instant[instants.size()];
        Instant believable = null;
        for (int i = times.length - 1; i >= 0; i--) {
            Instant told = instants.get(i).capturedAt();
            boolean ahead = told.isAfter(now);
            times[i] = ahead && believable != null ? believable : told;
            believable = ahead ? believable : told;
        }
        return List.of(times);
    }

    private static void keepStandardPoints(
            List<ReplicaInstant> instants, List<Instant> times, int standardPoints, Set<LogPosition> kept) {
        NavigableMap<Instant, List<ReplicaInstant>> hours = new TreeMap<>(Comparator.reverseOrder());
        for (int i = 0; i < instants.size(); i++) {
            if (instants.get(i).isPoint()) {
                hours.computeIfAbsent(times.get(i).truncatedTo(ChronoUnit.HOURS), hour -> new ArrayList<>())
                        .add(instants.get(i));
            }
        }
        hours.values().stream().limit(standardPoints).forEach(hour -> {
            kept.add(hour.getFirst().position());
            hour.stream().filter(it -> it.consistency() == Consistency.APPLICATION).findFirst()
                    .ifPresent(it -> kept.add(it.position()));
        });
    }

    private static List<Run> runs(List<ReplicaInstant> instants, Set<LogPosition> kept) {
        List<Run> runs = new ArrayList<>();
        List<ReplicaInstant> dropped = new ArrayList<>();
        ReplicaInstant older = null;
        for (ReplicaInstant instant : instants) {
            if (!kept.contains(instant.position())) {
                dropped.add(instant);
                continue;
            }
            if (!dropped.isEmpty()) {
                runs.add(older == null
                        ? new Run.Oldest(dropped, instant.position())
                        : new Run.Between(older.position(), dropped, instant.position()));
                dropped.clear();
            }
            older = instant;
        }
        return List.copyOf(runs);
    }

    /**
     * What stays and what goes.
     *
     * @param keep oldest first
     * @param runs neighbours that go together, oldest first
     */
    public record Plan(List<ReplicaInstant> keep, List<Run> runs) {
        public Plan {
            keep = List.copyOf(keep);
            runs = List.copyOf(runs);
        }

        /** How many instants go. */
        public int dropped() {
            return runs.stream().mapToInt(run -> run.dropped().size()).sum();
        }
    }

    /** Instants next to each other of which none is kept. */
    public sealed interface Run {
        /** Oldest first, never empty. */
        List<ReplicaInstant> dropped();

        /** The oldest of all: their undo logs are deleted; {@code newer} becomes the oldest point. */
        record Oldest(List<ReplicaInstant> dropped, LogPosition newer) implements Run {
            public Oldest {
                dropped = List.copyOf(dropped);
            }
        }

        /** Between two that are kept: their undo logs are merged into one that leads from newer to older. */
        record Between(LogPosition older, List<ReplicaInstant> dropped, LogPosition newer) implements Run {
            public Between {
                dropped = List.copyOf(dropped);
            }
        }
    }
}
