package org.understudy.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Watches a lab guest's writer from outside, several times a second: whether its record number grows and how long a
 * write of it ever took. Asks the guest itself, over HTTP, and nothing of the product. {@link #close} ends it.
 */
final class GuestWatch implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(200);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();
    private final HttpRequest status;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<Seen> seen = new AtomicReference<>(new Seen(0, 0, System.nanoTime(), 0, 0, 0));

    /**
     * What was seen so far.
     *
     * @param record the highest number durable on both disks
     * @param grewAtNanos when it was seen to grow last
     * @param longestStillNanos the longest time in which it was not seen to grow
     * @param slowestMicros the slowest write of a record, by the guest's own clock
     * @param unanswered how often it did not answer
     */
    record Seen(
            long first, long record, long grewAtNanos, long longestStillNanos, long slowestMicros, long unanswered) {
        Seen answered(long number, long slowest) {
            long now = System.nanoTime();
            boolean grew = number > record;
            long still = record == 0 ? 0 : now - grewAtNanos;
            return new Seen(record == 0 ? number : first, Math.max(number, record), grew ? now : grewAtNanos,
                    Math.max(longestStillNanos, still), Math.max(slowestMicros, slowest), unanswered);
        }

        Seen silent() {
            return new Seen(first, record, grewAtNanos, longestStillNanos, slowestMicros, unanswered + 1);
        }

        Duration longestStill() {
            return Duration.ofNanos(longestStillNanos);
        }

        Duration slowestWrite() {
            return Duration.ofMillis(slowestMicros / 1000);
        }
    }

    private GuestWatch(String address) {
        this.status = HttpRequest.newBuilder(URI.create("http://" + address + "/status")).timeout(ANSWER).build();
    }

    /** Begins to watch a guest that answers at this address. */
    static GuestWatch of(String address) throws IOException {
        GuestWatch watch = new GuestWatch(address);
        watch.look();
        Thread.ofVirtual().name("guest-watch").start(watch::run);
        return watch;
    }

    Seen seen() {
        return seen.get();
    }

    /** Begins anew with what is the longest and the slowest. */
    void forgetExtremes() {
        seen.updateAndGet(now -> new Seen(now.record(), now.record(), System.nanoTime(), 0, 0, 0));
    }

    private void run() {
        try {
            while (!ended.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    look();
                } catch (IOException unanswered) {
                    seen.updateAndGet(Seen::silent);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws IOException {
        try {
            JsonNode answer = JSON.readTree(http.send(status, HttpResponse.BodyHandlers.ofString()).body());
            long number = answer.path("lastRecord").asLong();
            long slowest = answer.path("latencyMicros").path("max").asLong();
            seen.updateAndGet(now -> now.answered(number, slowest));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        ended.countDown();
        http.shutdownNow();
    }
}
