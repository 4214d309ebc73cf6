package org.understudy.replica;

import java.time.Duration;
import java.util.Objects;

/**
 * How many recovery points are kept besides the latest (RP-02, RP-04).
 *
 * @param standardPoints in how many of the newest clock hours that have points one is kept, 0 to 24
 * @param recentWindow for how long every replicated position is a point, up to 15 days
 */
public record Retention(int standardPoints, Duration recentWindow) {
    public Retention {
        Objects.requireNonNull(recentWindow, "recentWindow");
        if (standardPoints < 0 || standardPoints > 24) {
            throw new IllegalArgumentException("standard points are 0 to 24, not " + standardPoints);
        }
        if (recentWindow.isNegative() || recentWindow.compareTo(Duration.ofDays(15)) > 0) {
            throw new IllegalArgumentException("the recent window is up to 15 days, not " + recentWindow);
        }
    }
}
