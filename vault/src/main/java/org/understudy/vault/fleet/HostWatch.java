package org.understudy.vault.fleet;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.understudy.model.HostId;

/**
 * When each agent was heard of last, and since when the vault has listened without a gap. In memory alone and by a
 * monotonic clock: what a process did not hear itself it does not know. Safe for many threads.
 */
public final class HostWatch {
    private final MonotonicClock time;
    private final Map<HostId, Duration> heard = new ConcurrentHashMap<>();
    private volatile Duration listeningSince;
    private volatile Duration lastListened;

    public HostWatch(MonotonicClock time) {
        this.time = time;
        listensAnew();
    }

    /** The vault listens from now on: it has just begun to, or it could not hear anybody for a while. */
    public void listensAnew() {
        listeningSince = time.elapsed();
        lastListened = listeningSince;
    }

    /** The vault could hear its agents just now. */
    void listens() {
        lastListened = time.elapsed();
    }

    void heard(HostId host) {
        heard.put(host, time.elapsed());
    }

    Presence of(HostId host) {
        Duration now = time.elapsed();
        Duration last = heard.get(host);
        if (last != null && now.minus(last).compareTo(Presence.SILENCE_MAX) < 0) {
            return new Presence.Connected();
        }
        Duration quiet = quiet(now, last);
        return quiet.compareTo(Presence.SILENCE_MAX) < 0
                ? new Presence.NotKnown(quiet)
                : new Presence.Silent(quiet);
    }

    /** How long ago something was, but for the time before the vault listened. */
    Duration quietSince(Duration moment) {
        return quiet(time.elapsed(), moment);
    }

    /** Nothing is quiet for a vault that is only just able to hear again and has not looked since when. */
    private Duration quiet(Duration now, Duration moment) {
        return now.minus(lastListened).compareTo(Listening.GAP_MAX) > 0
                ? Duration.ZERO
                : now.minus(laterOf(moment, listeningSince));
    }

    Duration now() {
        return time.elapsed();
    }

    private static Duration laterOf(Duration one, Duration other) {
        return one == null || one.compareTo(other) < 0 ? other : one;
    }
}
