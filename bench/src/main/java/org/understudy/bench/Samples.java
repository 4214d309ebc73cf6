package org.understudy.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What was measured so far. Told on the way, for a run takes minutes. One thread. */
final class Samples {
    private final Map<Figure, List<Double>> values = new EnumMap<>(Figure.class);
    private final Progress progress;

    /** Hears of each sample as it is taken. */
    @FunctionalInterface
    interface Progress {
        void tell(String line);
    }

    Samples(Progress progress) {
        this.progress = progress;
    }

    void add(Figure figure, double value) {
        values.computeIfAbsent(figure, key -> new ArrayList<>()).add(value);
        progress.tell("%s: %s".formatted(figure.title(), Report.number(value, figure.unit())));
    }

    /** In the order they were taken. */
    List<Double> of(Figure figure) {
        return List.copyOf(values.getOrDefault(figure, List.of()));
    }

    OptionalDouble median(Figure figure) {
        double[] sorted = of(figure).stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            return OptionalDouble.empty();
        }
        int half = sorted.length / 2;
        return OptionalDouble.of(sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2);
    }
}
