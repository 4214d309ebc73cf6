package org.understudy.vault.http;

import java.time.Duration;

/**
 * How many connections the vault's port keeps and how long each may take for what it has to send. A half-sent request
 * costs about 160 KiB of the vault's 512 MiB, so that all strangers together cannot have a quarter of it.
 *
 * @param strangers connections in all that have not shown a good certificate or token yet
 * @param strangersPerAddress of these, how many from one address or IPv6 network
 * @param known connections in all that have; three for each of several hundred hosts
 * @param head from connecting, or from the first line of a request, to the end of its head: TLS included
 * @param body from the end of the head to the end of the body
 */
record DoorLimits(
        int strangers, int strangersPerAddress, int known, Duration head, Duration body, Times more) {
    /** What the vault uses. */
    static final DoorLimits USUAL = new DoorLimits(512, 64, 2048, Duration.ofSeconds(10), Duration.ofSeconds(20),
            new Times(Duration.ofMinutes(2), Duration.ofSeconds(60)));

    /**
     * The times that are not the client's alone.
     *
     * @param answer how long the vault itself may take; longer than an agent waits for commands
     * @param idle between two requests; longer than clients keep a connection, so that it is them who close it
     */
    record Times(Duration answer, Duration idle) {}
}
