package org.understudy.vault.fleet;

import java.time.Duration;

/** The time that has passed since some fixed moment of this process; no change of the machine's clock moves it. */
@FunctionalInterface
public interface MonotonicClock {
    MonotonicClock SYSTEM = () -> Duration.ofNanos(System.nanoTime());

    Duration elapsed();
}
