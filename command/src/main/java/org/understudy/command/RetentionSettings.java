package org.understudy.command;

import java.time.Duration;
import java.util.Objects;

/**
 * What a policy says of keeping recovery points.
 *
 * @param standardPoints how many hourly points are kept besides the latest, 0 to 24
 * @param recentWindow for how long every replicated position is a point
 */
public record RetentionSettings(int standardPoints, Duration recentWindow) {
    public RetentionSettings {
        Objects.requireNonNull(recentWindow, "recentWindow");
        if (standardPoints < 0 || standardPoints > 24) {
            throw new IllegalArgumentException("standard points are 0 to 24, not " + standardPoints);
        }
        if (recentWindow.isNegative() || recentWindow.compareTo(Duration.ofDays(15)) > 0) {
            throw new IllegalArgumentException("the recent window is up to 15 days, not " + recentWindow);
        }
    }
}
