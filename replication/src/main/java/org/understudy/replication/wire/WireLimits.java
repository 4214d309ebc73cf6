package org.understudy.replication.wire;

import java.time.Duration;

/**
 * How long and how much a connection may take.
 *
 * @param stall with nothing heard from the peer for this long the link is lost; both sides pulse five times in it
 * @param handshake TLS and greeting are through within this
 * @param connect how long to knock at the target's port
 * @param connections how many connections a server keeps at once that have greeted; others have a pool of their own
 */
public record WireLimits(Duration stall, Duration handshake, Duration connect, int connections) {
    /** What an agent uses. */
    public static final WireLimits USUAL =
            new WireLimits(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(5), 1024);

    public WireLimits {
        if (!stall.isPositive() || !handshake.isPositive() || !connect.isPositive() || connections < 1) {
            throw new IllegalArgumentException("limits of a wire are positive: stall " + stall + ", handshake "
                    + handshake + ", connect " + connect + ", connections " + connections);
        }
    }

    /** After how long a silent side pulses. */
    Duration pulse() {
        return stall.dividedBy(5);
    }
}
