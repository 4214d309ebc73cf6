package org.understudy.model;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What another host makes of a VM: what forbids that it runs there, and what it will be without or see differently.
 *
 * @param obstacles each forbids it, a sentence with what to do
 * @param warnings each is a difference, a sentence
 */
public record Portability(List<String> obstacles, List<String> warnings) {
    /** Nothing forbids it and nothing differs. */
    public static final Portability FULL = new Portability(List.of(), List.of());

    /** More sentences than anybody reads, fewer than fill a report. */
    private static final int SENTENCES_MAX = 40;
    private static final int CHARACTERS_MAX = 400;
    /** In the place of what is not told, so that nobody takes the list for whole. */
    private static final String MORE = "There is more of this kind than is told here.";

    public Portability {
        obstacles = bounded(obstacles);
        warnings = bounded(warnings);
    }

    /** These and the other's. */
    public Portability and(Portability other) {
        List<String> allObstacles = new ArrayList<>(obstacles);
        allObstacles.addAll(other.obstacles);
        List<String> allWarnings = new ArrayList<>(warnings);
        allWarnings.addAll(other.warnings);
        return new Portability(allObstacles, allWarnings);
    }

    /** With one obstacle more. */
    public Portability withObstacle(String obstacle) {
        return and(new Portability(List.of(obstacle), List.of()));
    }

    private static List<String> bounded(List<String> sentences) {
        // Absent in what an agent of the first release wrote.
        Set<String> all = new LinkedHashSet<>(sentences == null ? List.of() : sentences);
        boolean more = all.remove(MORE) || all.size() > SENTENCES_MAX;
        List<String> told = new ArrayList<>(all.stream().limit(more ? SENTENCES_MAX - 1 : SENTENCES_MAX)
                .map(text -> text.length() <= CHARACTERS_MAX ? text : text.substring(0, CHARACTERS_MAX - 1) + "…")
                .toList());
        if (more) {
            told.add(MORE);
        }
        return List.copyOf(told);
    }
}
