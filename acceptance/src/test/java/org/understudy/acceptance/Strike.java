package org.understudy.acceptance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

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
        TEST_FAILOVER(4), CLEAN_UP(3), PLANNED_FAILOVER(6), UNPLANNED_FAILOVER(5), CHANGE_POINT(3), COMMIT(2),
        REVERSE(4), COMPLETE_MIGRATION(6), DISABLE(4);

        private final int steps;

        Deed(int steps) {
            this.steps = steps;
        }
    }

    /** When: before a step, while it is under way, or when it is done. */
    enum Moment { BEFORE, IN, AFTER }

    /** What dies; source and target as the item has them when the operation begins. */
    enum Kind {
        VAULT, SOURCE_AGENT, TARGET_AGENT, SOURCE_LIBVIRTD, TARGET_LIBVIRTD, QEMU, LINK
    }

    /** All there are. */
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

    /** So many of them, in an order of the seed; every one before any comes a second time. */
    static List<Strike> plan(int times, Random random) {
        List<Strike> plan = new ArrayList<>();
        while (plan.size() < times) {
            List<Strike> all = all(random);
            Collections.shuffle(all, random);
            plan.addAll(all);
        }
        return plan.subList(0, times);
    }

    private static Duration lasts(Random random) {
        return Duration.ofMillis(random.nextInt(random.nextInt(4) == 0 ? LATE_MILLIS_MAX : SOON_MILLIS_MAX));
    }

    @Override
    public String toString() {
        return deed + " step " + (step + 1) + " " + moment + " " + kind + " for " + lasts.toMillis() + " ms";
    }
}
