package org.understudy.command;

import java.time.Duration;
import java.util.Objects;

/**
 * What a policy says of moving data.
 *
 * @param copyFrequency from the start of one cycle to the start of the next, 1 to 900 whole seconds
 * @param compression whether frames are compressed where that makes them smaller
 */
public record ReplicationSettings(Duration copyFrequency, boolean compression) {
    public ReplicationSettings {
        Objects.requireNonNull(copyFrequency, "copyFrequency");
        if (copyFrequency.compareTo(Duration.ofSeconds(1)) < 0
                || copyFrequency.compareTo(Duration.ofSeconds(900)) > 0
                || copyFrequency.getNano() != 0) {
            throw new IllegalArgumentException("copy frequency is 1 to 900 whole seconds, not " + copyFrequency);
        }
    }
}
