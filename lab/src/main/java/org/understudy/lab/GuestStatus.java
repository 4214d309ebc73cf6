package org.understudy.lab;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What a lab guest said of itself over HTTP.
 *
 * @param state "writing", or why it does not write
 */
public record GuestStatus(String hostname, String bootId, String state, Records records, Pace pace) {
    /**
     * The numbers of the records.
     *
     * @param last durable on both disks
     * @param lastOnDisk1 durable on disk 1; last or last + 1
     * @param lastAt the guest's clock at the last one
     * @param firstOfThisBoot the first that this boot wrote
     * @param completedOnDisk2 how many records this boot found on disk 1 alone and copied to disk 2
     */
    public record Records(long last, long lastOnDisk1, Instant lastAt, long firstOfThisBoot, long completedOnDisk2) {
    }

    /** How fast it writes, over the last ten seconds; a latency is that of both writes of a record. */
    public record Pace(double perSecond, double targetPerSecond, Duration p50, Duration p99, Duration max) {
    }

    static GuestStatus of(JsonNode status) {
        JsonNode latency = status.path("latencyMicros");
        return new GuestStatus(
                status.path("hostname").asText(), status.path("bootId").asText(), status.path("state").asText(),
                new Records(status.path("lastRecord").asLong(), status.path("lastRecordOnDisk1").asLong(),
                        Instant.EPOCH.plus(status.path("lastRecordMicros").asLong(), ChronoUnit.MICROS),
                        status.path("firstRecordOfThisBoot").asLong(), status.path("completedOnDisk2").asLong()),
                new Pace(status.path("writesPerSecond").asDouble(), status.path("targetPerSecond").asDouble(),
                        micros(latency, "p50"), micros(latency, "p99"), micros(latency, "max")));
    }

    private static Duration micros(JsonNode latency, String name) {
        return Duration.of(latency.path(name).asLong(), ChronoUnit.MICROS);
    }
}
