package org.understudy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;

/** The guest that is measured, asked straight over HTTP: a script between would be part of every time. One thread. */
final class BenchGuest {
    /** The records' pace while something else is measured that wants a running VM. */
    static final double USUAL = 50;

    /** One record in twenty minutes: nothing changes. */
    static final double IDLE = 0.001;

    private static final double UNPACED = 0;
    private static final int RECORD_BYTES_ON_BOTH_DISKS = 2 * 4096;
    private static final Duration ANSWER = Duration.ofSeconds(120);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final String address;

    BenchGuest(String address) {
        this.address = address;
    }

    /**
     * How the guest wrote for a while.
     *
     * @param p99 of the last ten seconds, both writes of a record
     */
    record Writing(double recordsPerSecond, Duration p99, ByteCount bytes) {
    }

    void pace(double recordsPerSecond) throws IOException {
        ask("/rate?per_second=" + recordsPerSecond);
    }

    /** Rewrites so much of the first disk; durable in the guest when this returns. */
    void churn(ByteCount bytes) throws IOException {
        ask("/churn?mib=" + (bytes.bytes() >> 20));
    }

    /** Writes as fast as it can for a while; idle before and afterwards. */
    Writing writeUnpaced(Duration time) throws IOException {
        return write(UNPACED, time);
    }

    /** Writes at a pace for a while; idle before and afterwards. */
    Writing write(double recordsPerSecond, Duration time) throws IOException {
        pace(recordsPerSecond);
        JsonNode before = ask("/status");
        Await.pass(time);
        JsonNode after = ask("/status");
        pace(IDLE);
        long records = after.path("lastRecord").asLong() - before.path("lastRecord").asLong();
        double seconds = (after.path("uptimeMicros").asLong() - before.path("uptimeMicros").asLong()) / 1e6;
        return new Writing(records / seconds,
                Duration.ofNanos(1000 * after.path("latencyMicros").path("p99").asLong()),
                new ByteCount(records * RECORD_BYTES_ON_BOTH_DISKS));
    }

    private JsonNode ask(String path) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + path)).timeout(ANSWER).build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException("the guest answered %s with %d: %s".formatted(
                        path, answer.statusCode(), answer.body()));
            }
            return json.readTree(answer.body());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the guest was asked " + path);
        }
    }
}
