package org.understudy.vault.http;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A log filter that lets so many events a minute through and drops the rest: strangers at a port may not fill a disk.
 * Configured in {@code logback.xml}; safe for many threads.
 */
public final class RateFilter extends Filter<ILoggingEvent> {
    private final Lock lock = new ReentrantLock();
    private int perMinute = 10;
    private long minute = Long.MIN_VALUE;
    private int passed;

    /** For {@code logback.xml}: how many pass in a minute of the clock. */
    public void setPerMinute(int perMinute) {
        this.perMinute = perMinute;
    }

    @Override
    public FilterReply decide(ILoggingEvent event) {
        lock.lock();
        try {
            long now = TimeUnit.MILLISECONDS.toMinutes(event.getTimeStamp());
            if (now != minute) {
                minute = now;
                passed = 0;
            }
            passed = Math.min(passed + 1, perMinute + 1);
            return passed > perMinute ? FilterReply.DENY : FilterReply.NEUTRAL;
        } finally {
            lock.unlock();
        }
    }
}
