package org.understudy.acceptance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Something that goes wrong at a random moment and ends a while later.
 *
 * @param after how long everything runs undisturbed before it
 * @param lasts until the killed process is started again, or the link is healed
 */
record Fault(int number, Kind kind, Duration after, Duration lasts) {
    private static final int AFTER_MILLIS_MAX = 1000;

    /** What goes wrong. */
    enum Kind {
        SOURCE_AGENT_KILLED(0, 2000), TARGET_AGENT_KILLED(0, 2000), VAULT_KILLED(0, 2000), LINK_CUT(500, 4000);

        private final int millisMin;
        private final int millisMax;

        Kind(int millisMin, int millisMax) {
            this.millisMin = millisMin;
            this.millisMax = millisMax;
        }

        private Fault at(int number, Random random) {
            return new Fault(number, this, Duration.ofMillis(random.nextInt(AFTER_MILLIS_MAX)),
                    Duration.ofMillis(random.nextInt(millisMin, millisMax)));
        }
    }

    /** Every kind once in each round, in an order of its own, so that no kind gathers at one end of the run. */
    static List<List<Fault>> rounds(int rounds, Random random) {
        List<List<Fault>> plan = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            List<Kind> kinds = new ArrayList<>(List.of(Kind.values()));
            Collections.shuffle(kinds, random);
            List<Fault> faults = new ArrayList<>();
            for (Kind kind : kinds) {
                faults.add(kind.at(round * kinds.size() + faults.size() + 1, random));
            }
            plan.add(faults);
        }
        return plan;
    }

    /** How often each kind struck in one part of the run. */
    static final class Tally {
        private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);

        void add(Fault fault) {
            counts.merge(fault.kind(), 1, Integer::sum);
        }

        int fewest() {
            return List.of(Kind.values()).stream().mapToInt(kind -> counts.getOrDefault(kind, 0)).min().orElseThrow();
        }

        @Override
        public String toString() {
            return counts.toString();
        }
    }
}
