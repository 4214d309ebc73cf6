package org.understudy.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is told of a VM's portability is bounded, and says where it was cut. */
class PortabilityTest {
    @Test
    void saysThatThereIsMoreThanItTells() {
        Portability all = new Portability(List.of(), sentences(0, 40));
        assertThat(all.warnings()).hasSize(40).contains("Difference 39.");

        Portability cut = new Portability(List.of(), sentences(0, 41));
        assertThat(cut.warnings()).hasSize(40).last().asString().contains("There is more");
        assertThat(cut.and(new Portability(List.of(), sentences(100, 103))).warnings())
                .hasSize(40).last().asString().contains("There is more");
        assertThat(new Portability(List.of(), cut.warnings())).isEqualTo(cut);
    }

    private static List<String> sentences(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "Difference " + i + ".").toList();
    }
}
