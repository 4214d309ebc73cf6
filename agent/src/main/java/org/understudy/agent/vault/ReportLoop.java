package org.understudy.agent.vault;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.understudy.agent.Pause;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandId;
import org.understudy.model.FailureException;
import org.understudy.replication.Pace;

/**
 * The loop that tells the vault how things stand: what was added, at once and until the vault has it; and every few
 * seconds a fresh picture of everything, which is the heartbeat as well.
 *
 * <p>Ends of commands are never dropped (they are bounded by the commands); refusals are, beyond {@link #WAITING_MAX},
 * the oldest first.
 */
public final class ReportLoop implements Runnable {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final int WAITING_MAX = 500;

    private final VaultEnd vault;
    private final Supplier<List<AgentReport>> picture;
    private final Pause pause;
    private final Pace.Signal added;
    private final Lock lock = new ReentrantLock();
    private final Deque<AgentReport> waiting = new ArrayDeque<>();

    /** @param picture how everything stands now; called by the loop's thread */
    public ReportLoop(VaultEnd vault, Supplier<List<AgentReport>> picture, Pace pace, Pause pause) {
        this.vault = vault;
        this.picture = picture;
        this.pause = pause;
        this.added = pace.signal();
    }

    /** To be told as soon as the vault is in reach. */
    public void add(AgentReport report) {
        lock.lock();
        try {
            if (report instanceof AgentReport.Refused && waiting.size() >= WAITING_MAX) {
                waiting.stream().filter(AgentReport.Refused.class::isInstance).findFirst().ifPresent(waiting::remove);
            }
            waiting.add(report);
        } finally {
            lock.unlock();
        }
        added.tell();
    }

    /** Whether the end of this command has not reached the vault yet. */
    boolean isToTellTheEndOf(CommandId id) {
        lock.lock();
        try {
            return waiting.stream().anyMatch(
                    report -> report instanceof AgentReport.CommandEnded ended && ended.id().equals(id));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void run() {
        while (!pause.isOver()) {
            long seen = added.count();
            List<AgentReport> told = peek();
            List<AgentReport> reports = new ArrayList<>(picture.get());
            reports.addAll(told);
            try {
                vault.report(reports);
                if (!forget(told)) {
                    awaitNext(seen);
                }
            } catch (FailureException e) {
                // The command loop tells the log when the vault goes and comes; here it is only tried again.
                pause.await(INTERVAL);
            }
        }
    }

    private List<AgentReport> peek() {
        lock.lock();
        try {
            return waiting.stream().limit(WAITING_MAX).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is more to tell. */
    private boolean forget(List<AgentReport> told) {
        lock.lock();
        try {
            told.forEach(waiting::remove);
            return !waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void awaitNext(long seen) {
        try {
            added.await(seen, INTERVAL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
