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
 * <p>Kept are: the latest; everything captured within the recent window before it; and in each of the newest N clock
 * hours that have points, N being the standard points, the earliest point and the earliest application-consistent one.
 * The earliest of an hour does not change while the hour goes on, so what was kept once stays kept until it is too
 * old. Ages count back from the latest instant: while nothing arrives, because the source is lost, nothing goes.
 * Partial instants are never kept, except the latest, which is what the disks hold.
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
        if (instants.isEmpty()) {
            return new Plan(List.of(), List.of());
        }
        Set<LogPosition> kept = new HashSet<>();
        kept.add(instants.getLast().position());
        Instant latest = instants.getLast().capturedAt();
        Instant windowStart = (latest.isBefore(now) ? latest : now).minus(retention.recentWindow());
        for (ReplicaInstant instant : instants) {
            if (instant.isPoint() && instant.capturedAt().isAfter(windowStart)) {
                kept.add(instant.position());
            }
        }
        keepStandardPoints(instants, retention.standardPoints(), kept);
        List<ReplicaInstant> keep = instants.stream().filter(it -> kept.contains(it.position())).toList();
        return new Plan(keep, runs(instants, kept));
    }

    private static void keepStandardPoints(List<ReplicaInstant> instants, int standardPoints, Set<LogPosition> kept) {
        NavigableMap<Instant, List<ReplicaInstant>> hours = new TreeMap<>(Comparator.reverseOrder());
        for (ReplicaInstant instant : instants) {
            if (instant.isPoint()) {
                hours.computeIfAbsent(instant.capturedAt().truncatedTo(ChronoUnit.HOURS), hour -> new ArrayList<>())
                        .add(instant);
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
