package org.understudy.acceptance;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A witness that notes, ten times a second by this machine's clock, up to which record a guest says to be durable on
 * both disks: what it saw before an instant was there at that instant. Asks the guest alone, nothing of the product;
 * a guest that does not answer is no sighting. {@link #close} ends it.
 */
final class RecordSightings implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(100);
    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();
    private final HttpRequest status;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final ConcurrentSkipListMap<Instant, Long> seen = new ConcurrentSkipListMap<>();

    private RecordSightings(String address) {
        this.status = HttpRequest.newBuilder(URI.create("http://" + address + "/status")).timeout(ANSWER).build();
    }

    /** Begins to look at the guest that answers at this address. */
    static RecordSightings at(String address) {
        RecordSightings sightings = new RecordSightings(address);
        Thread.ofVirtual().name("sightings").start(sightings::run);
        return sightings;
    }

    /** The last record that was ever seen; 0 for none. */
    long last() {
        Map.Entry<Instant, Long> last = seen.lastEntry();
        return last == null ? 0 : last.getValue();
    }

    /** The last record that was seen until that instant; 0 for none. */
    long until(Instant instant) {
        Map.Entry<Instant, Long> last = seen.floorEntry(instant);
        return last == null ? 0 : last.getValue();
    }

    private void run() {
        try {
            while (!ending.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    look();
                } catch (IOException unanswered) {
                    // It is off, or has no way to answer; what was seen stays.
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Noted under the instant at which the answer was there, so that it is never told of a time before it held. */
    private void look() throws IOException, InterruptedException {
        long record = JSON.readTree(http.send(status, HttpResponse.BodyHandlers.ofString()).body())
                .path("lastRecord").asLong();
        seen.put(Instant.now(), record);
    }

    @Override
    public void close() {
        ending.countDown();
        http.shutdownNow();
    }
}
