package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A campaign of strikes comes by every place there is, and begins with what was never struck. */
class StrikeTest {
    private static final int WAYS = Strike.Deed.values().length * Strike.Kind.values().length;

    @Test
    void allThatCanDieAtEachOperationComesFirstAndEveryPlaceBeforeOneComesAgain() {
        List<String> places = Strike.places();
        List<Strike> plan = Strike.plan(2 * places.size(), new Random(11), Set.of());
        assertThat(plan.stream().limit(WAYS).map(it -> it.deed() + " " + it.kind()).distinct()).hasSize(WAYS);
        assertThat(plan.stream().limit(places.size()).map(Strike::place)).containsExactlyInAnyOrderElementsOf(places);
        assertThat(plan.stream().skip(places.size()).map(Strike::place)).containsAll(places);
    }

    @Test
    void whatIsKnownComesAgainOnlyBehindAllOthers() {
        Set<String> known = new HashSet<>(Strike.plan(100, new Random(1), Set.of()).stream()
                .map(Strike::place).collect(Collectors.toSet()));
        List<Strike> plan = Strike.plan(Strike.places().size(), new Random(2), known);
        int unknown = Strike.places().size() - known.size();
        assertThat(plan.stream().limit(unknown).map(Strike::place)).doesNotContainAnyElementsOf(known);
    }
}
