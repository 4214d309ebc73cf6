package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.understudy.model.Consistency;
import org.understudy.model.LogPosition;

/** RP-02 and RP-04 as rules. */
class RetentionPlannerTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:30:00Z");

    private static ReplicaInstant at(long sequence, Duration ago, Consistency consistency) {
        return new ReplicaInstant(new LogPosition(1, sequence), NOW.minus(ago), consistency);
    }

    private static List<Long> kept(RetentionPlanner.Plan plan) {
        return plan.keep().stream().map(instant -> instant.position().sequence()).toList();
    }

    @Test
    void keepsTheLatestAloneWhenNothingElseIsAskedFor() {
        RetentionPlanner.Plan plan = RetentionPlanner.plan(List.of(
                at(1, Duration.ofHours(2), Consistency.CRASH), at(2, Duration.ofHours(1), Consistency.APPLICATION),
                at(3, Duration.ofMinutes(1), Consistency.CRASH)), NOW, new Retention(0, Duration.ZERO));
        assertThat(kept(plan)).containsExactly(3L);
        assertThat(plan.runs()).hasSize(1).first().isInstanceOf(RetentionPlanner.Run.Oldest.class);
    }

    @Test
    void keepsEverythingOfTheRecentWindowAndTheEarliestOfEachHour() {
        List<ReplicaInstant> instants = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            instants.add(at(i + 1, Duration.ofMinutes(10L * (39 - i)), Consistency.CRASH));
        }
        RetentionPlanner.Plan plan =
                RetentionPlanner.plan(instants, NOW, new Retention(3, Duration.ofMinutes(35)));
        // 10:30, 10:20, 10:10, 10:00 by the window; 10:00, 09:00 and 08:00 as standard points.
        assertThat(kept(plan)).containsExactly(25L, 31L, 37L, 38L, 39L, 40L);
        assertThat(plan.runs()).hasSize(3);
    }

    @Test
    void keepsTheApplicationConsistentPointOfAnHourBesideTheStandardOne() {
        RetentionPlanner.Plan plan = RetentionPlanner.plan(List.of(
                at(1, Duration.ofMinutes(29), Consistency.CRASH), at(2, Duration.ofMinutes(28), Consistency.CRASH),
                at(3, Duration.ofMinutes(27), Consistency.APPLICATION),
                at(4, Duration.ofMinutes(26), Consistency.APPLICATION),
                at(5, Duration.ofMinutes(2), Consistency.CRASH)), NOW, new Retention(1, Duration.ZERO));
        assertThat(kept(plan)).containsExactly(1L, 3L, 5L);
    }

    @Test
    void neverKeepsAPartialInstantExceptWhatTheDisksHold() {
        RetentionPlanner.Plan plan = RetentionPlanner.plan(List.of(
                at(1, Duration.ofMinutes(3), Consistency.CRASH), at(2, Duration.ofMinutes(2), Consistency.PARTIAL),
                at(3, Duration.ofMinutes(1), Consistency.PARTIAL)), NOW, new Retention(24, Duration.ofHours(1)));
        assertThat(kept(plan)).containsExactly(1L, 3L);
    }

    @Test
    void keepsEveryPointOfTheWindowWhileTheDisksAreCoveredAnewForLonger() {
        List<ReplicaInstant> instants = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            instants.add(at(i + 1, Duration.ofMinutes(5L * (11 - i)).plusHours(3), Consistency.CRASH));
        }
        List<ReplicaInstant> before = List.copyOf(instants);
        for (int i = 0; i < 36; i++) {
            instants.add(at(i + 13, Duration.ofMinutes(5L * (35 - i)), Consistency.PARTIAL));
        }
        for (Retention retention : List.of(new Retention(24, Duration.ofHours(1)),
                new Retention(0, Duration.ofHours(1)))) {
            assertThat(RetentionPlanner.plan(instants, NOW, retention).keep()).containsAll(before).hasSize(13);
        }
        assertThat(kept(RetentionPlanner.plan(instants, NOW, new Retention(0, Duration.ZERO))))
                .containsExactly(12L, 48L);
    }

    @Test
    void ageOfPointsOfASourceThatWasAheadCountsFromTheFirstThatWasNot() {
        List<ReplicaInstant> instants = List.of(
                at(1, Duration.ofHours(3), Consistency.CRASH), at(2, Duration.ofHours(2), Consistency.CRASH),
                at(3, Duration.ofDays(-30), Consistency.CRASH), at(4, Duration.ofDays(-31), Consistency.CRASH),
                at(5, Duration.ofMinutes(90), Consistency.CRASH), at(6, Duration.ofMinutes(5), Consistency.CRASH));
        assertThat(kept(RetentionPlanner.plan(instants, NOW, new Retention(0, Duration.ofHours(1)))))
                .containsExactly(6L);
        // 07:30, 08:30, 09:00 (the first of those that were ahead), 10:25.
        assertThat(kept(RetentionPlanner.plan(instants, NOW, new Retention(4, Duration.ZERO))))
                .containsExactly(1L, 2L, 3L, 6L);
    }

    @Property(tries = 500)
    void keepsTheNewestPointOfAnyHistory(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(min = -4000, max = 4000) Integer> gaps,
            @ForAll @IntRange(max = 24) int standard, @ForAll @IntRange(max = 20_000) int window,
            @ForAll @IntRange(min = -50_000, max = 50_000) int nowOff) {
        List<ReplicaInstant> instants = new ArrayList<>();
        Instant at = NOW;
        for (int gap : gaps) {
            at = at.plusSeconds(gap);
            instants.add(new ReplicaInstant(new LogPosition(1, instants.size() + 1), at,
                    Consistency.values()[Math.floorMod(gap, 3)]));
        }
        List<ReplicaInstant> kept = RetentionPlanner.plan(instants, at.plusSeconds(nowOff),
                new Retention(standard, Duration.ofSeconds(window))).keep();
        instants.reversed().stream().filter(ReplicaInstant::isPoint).findFirst()
                .ifPresent(newest -> assertThat(kept).contains(newest));
        assertThat(kept).contains(instants.getLast());
    }

    @Property(tries = 300)
    void keepsOrDropsEachInstantOnceAndWhatItKeptOnceUntilItIsTooOld(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 1, max = 4000) Integer> gaps,
            @ForAll @IntRange(max = 24) int standard, @ForAll @IntRange(max = 20_000) int window) {
        List<ReplicaInstant> instants = new ArrayList<>();
        Instant at = NOW;
        for (int gap : gaps) {
            at = at.plusSeconds(gap);
            instants.add(new ReplicaInstant(new LogPosition(1, instants.size() + 1), at,
                    Consistency.values()[gap % 3]));
        }
        Retention retention = new Retention(standard, Duration.ofSeconds(window));
        RetentionPlanner.Plan plan = RetentionPlanner.plan(instants, at, retention);
        List<ReplicaInstant> all = new ArrayList<>(plan.keep());
        plan.runs().forEach(run -> all.addAll(run.dropped()));
        assertThat(all).containsExactlyInAnyOrderElementsOf(instants);
        assertThat(RetentionPlanner.plan(plan.keep(), at, retention).runs()).isEmpty();
    }
}
