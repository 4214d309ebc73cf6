package org.understudy.agent.target;

import java.util.StringJoiner;

/** How long the parts of something took that a person waits for, in milliseconds, for one line of the log. */
final class Laps {
    private final StringJoiner told = new StringJoiner(" ");
    private long since = System.nanoTime();

    /** The part that ends now. */
    void end(String part) {
        long now = System.nanoTime();
        told.add(part + "=" + (now - since) / 1_000_000);
        since = now;
    }

    @Override
    public String toString() {
        return told.toString();
    }
}
