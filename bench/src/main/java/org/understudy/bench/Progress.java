package org.understudy.bench;

import java.util.Locale;

/** What a run that takes minutes says on the way, on standard error, with the seconds since it began. */
final class Progress {
    private final long startedNanos = System.nanoTime();

    void tell(String line) {
        System.err.println(String.format(Locale.ROOT, "%4d s  %s", (long) seconds(), line));
    }

    double seconds() {
        return (System.nanoTime() - startedNanos) / 1e9;
    }
}
