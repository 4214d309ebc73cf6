package org.understudy.vault.fleet;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;

/**
 * Which start of its agent each host answers with, and how far its reports have come.
 *
 * <p>A start that is new is the agent's restart once the one before has been silent for {@link #SILENCE}; until then it
 * is refused. If the one before goes on to speak, two machines live with one identity (a copied disk): the later one
 * stays refused, and the host is in trouble. Of this process alone, like the connections that the requests come by.
 * Measured by a clock that only goes forward. Safe for many threads.
 */
final class AgentStarts {
    /** An agent that lives speaks every two seconds. */
    static final Duration SILENCE = Duration.ofSeconds(5);
    private static final Duration TROUBLE_STAYS = Duration.ofMinutes(1);

    private final LongSupplier nanos;
    private final Map<HostId, Start> starts = new ConcurrentHashMap<>();
    /** Whose agents were heard last without a start. */
    private final Set<HostId> untold = ConcurrentHashMap.newKeySet();

    /** What is known of one host's agent; guarded by itself. */
    private static final class Start {
        private final Lock order = new ReentrantLock();
        private UUID id;
        private long heard;
        private long number;
        private Optional<Long> otherBegan = Optional.empty();
        private Optional<Long> twice = Optional.empty();
    }

    /** @param nanos a clock that only goes forward */
    AgentStarts(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Takes note that a start was heard; refuses the second that lives with HOST_ANSWERS_TWICE. */
    void hear(Host host, Optional<UUID> told) {
        if (told.isEmpty()) {
            untold.add(host.id());
            return;
        }
        untold.remove(host.id());
        Start start = starts.computeIfAbsent(host.id(), unheard -> new Start());
        synchronized (start) {
            long now = nanos.getAsLong();
            if (start.id == null || !start.id.equals(told.get()) && now - start.heard > SILENCE.toNanos()) {
                start.id = told.get();
                start.number = 0;
                start.otherBegan = Optional.empty();
            }
            if (start.id.equals(told.get())) {
                start.heard = now;
                return;
            }
            if (start.otherBegan.isEmpty()) {
                start.otherBegan = Optional.of(now);
            }
            boolean bothLive = start.heard > start.otherBegan.get();
            if (bothLive) {
                start.twice = Optional.of(now);
            }
            throw bothLive ? FailureException.of(FailureCode.HOST_ANSWERS_TWICE,
                            "Another agent lives with the identity of host " + host.name()
                                    + ": this one is not answered.")
                    : FailureException.of(FailureCode.HOST_ANSWERS_TWICE,
                            "The agent of host %s that ran before was heard of just now: this one is answered when "
                                    .formatted(host.name()) + "that one has been silent for " + SILENCE.toSeconds()
                                    + " s.",
                            "Nothing: the agent asks again every two seconds and replicates meanwhile. If this goes "
                                    + "on: " + FailureCode.HOST_ANSWERS_TWICE.recommendedAction());
        }
    }

    /** Whether its agent is of the first release, by its not telling a start. */
    boolean isOfTheFirstRelease(HostId host) {
        return untold.contains(host);
    }

    /** That two agents live with the host's identity, or did a moment ago. */
    Optional<Failure> trouble(HostId host, String name) {
        Start start = starts.get(host);
        if (start == null) {
            return Optional.empty();
        }
        synchronized (start) {
            return start.twice.filter(at -> nanos.getAsLong() - at < TROUBLE_STAYS.toNanos()).map(at ->
                    FailureException.of(FailureCode.HOST_ANSWERS_TWICE,
                            "Two agents live with the identity of host " + name
                                    + "; the one that was there first is answered.").failure());
        }
    }

    /**
     * Takes what one request tells, one request of a host after the other; one whose number is not larger than that of
     * another before says nothing new, and {@code take} is told so.
     */
    <T> T inOrder(HostId host, Optional<UUID> told, long number, Taking<T> take) {
        if (told.isEmpty()) {
            return take.take(false);
        }
        Start start = starts.computeIfAbsent(host, unheard -> new Start());
        start.order.lock();
        try {
            boolean late;
            synchronized (start) {
                late = number <= start.number || !told.get().equals(start.id);
            }
            T taken = take.take(late);
            synchronized (start) {
                start.number = Math.max(start.number, number);
            }
            return taken;
        } finally {
            start.order.unlock();
        }
    }

    /** What is done with a request. */
    @FunctionalInterface
    interface Taking<T> {
        T take(boolean late);
    }
}
