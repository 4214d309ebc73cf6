package org.understudy.acceptance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Something that dies at one step of one operation, and is there again a while later.
 *
 * @param step of the operation's job, from 0
 * @param lasts until what died is started again
 */
record Strike(Deed deed, int step, Moment moment, Kind kind, Duration lasts) {
    private static final int SOON_MILLIS_MAX = 3_000;
    /** Longer than a host may be silent before it counts as gone. */
    private static final int LATE_MILLIS_MAX = 25_000;

    /** An operation, with the steps that its job has. */
    enum Deed {
        PROTECT(5), PAUSE(1), RESUME(1), TEST_FAILOVER(4), CLEAN_UP(3), PLANNED_FAILOVER(6), ABANDON(4),
        UNPLANNED_FAILOVER(5), CHANGE_POINT(3), COMMIT(2), REVERSE(4), COMPLETE_MIGRATION(6), DISABLE(4);

        private final int steps;

        Deed(int steps) {
            this.steps = steps;
        }

        int steps() {
            return steps;
        }
    }

    /** When: before a step, while it is under way, or when it is done. */
    enum Moment { BEFORE, IN, AFTER }

    /** What dies; source and target as the item has them when the operation begins. */
    enum Kind {
        VAULT, SOURCE_AGENT, TARGET_AGENT, SOURCE_LIBVIRTD, TARGET_LIBVIRTD, QEMU, LINK
    }

    /** All there are, each lasting as long as chance has it. */
    static List<Strike> all(Random random) {
        List<Strike> all = new ArrayList<>();
        for (Deed deed : Deed.values()) {
            for (int step = 0; step < deed.steps; step++) {
                for (Moment moment : Moment.values()) {
                    for (Kind kind : Kind.values()) {
                        all.add(new Strike(deed, step, moment, kind, lasts(random)));
                    }
                }
            }
        }
        return all;
    }

    /** Where there is something to strike, all of it. */
    static List<String> places() {
        return all(new Random(0)).stream().map(Strike::place).toList();
    }

    /**
     * So many of them, in an order of the seed: all that can die at each operation first, whatever the step, then more
     * of each; every one before any comes a second time.
     *
     * @param known places that need not come again before the others
     */
    static List<Strike> plan(int times, Random random, Set<String> known) {
        List<Strike> plan = new ArrayList<>(inTurns(random).stream()
                .filter(strike -> !known.contains(strike.place())).toList());
        while (plan.size() < times) {
            plan.addAll(inTurns(random));
        }
        return plan.subList(0, times);
    }

    private static List<Strike> inTurns(Random random) {
        List<Strike> all = all(random);
        Collections.shuffle(all, random);
        Map<String, Integer> seen = new HashMap<>();
        Map<Strike, Integer> turns = new HashMap<>();
        all.forEach(strike -> turns.put(strike, seen.merge(strike.deed + " " + strike.kind, 1, Integer::sum)));
        return all.stream().sorted(Comparator.comparing(turns::get)).toList();
    }

    /** Where it strikes, in words that a table of results can be looked up by. */
    String place() {
        return place(deed, step, moment, kind);
    }

    static String place(Deed deed, int step, Moment moment, Kind kind) {
        return deed + " step " + (step + 1) + " " + moment + " " + kind;
    }

    private static Duration lasts(Random random) {
        return Duration.ofMillis(random.nextInt(random.nextInt(4) == 0 ? LATE_MILLIS_MAX : SOON_MILLIS_MAX));
    }

    @Override
    public String toString() {
        return place() + " for " + lasts.toMillis() + " ms";
    }
}
