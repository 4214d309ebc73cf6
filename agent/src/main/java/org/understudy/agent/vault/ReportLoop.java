package org.understudy.agent.vault;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.Pause;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandId;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.loop.EndlessLoop;
import org.understudy.replication.Pace;

/**
 * The loop that tells the vault how things stand. What was added (ends of commands, refusals) goes first, at once, in
 * requests of its own, until the vault has it. Every two seconds a heartbeat follows, with what has changed since the
 * vault took it last: the inventory when it is another, the progress of the items that made some. All progress is told
 * again every {@value #ALL_EVERY} heartbeats, and the inventory when the vault asks for it.
 *
 * <p>Requests are split by count and size (the limits of {@link AgentEndpoint}). What the vault cannot take by its size
 * or its words is split further, and what is left of it alone is logged and left out until it changes: it holds up
 * nothing else. Ends of commands are never dropped (they are bounded by the commands); refusals are, beyond
 * {@link #WAITING_MAX}, the oldest first.
 */
public final class ReportLoop implements EndlessLoop.Turn {
    private static final Logger LOG = LoggerFactory.getLogger(ReportLoop.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final int WAITING_MAX = 500;
    /** Half a minute: what the vault has of an item is never older than that, whatever became of a report. */
    static final int ALL_EVERY = 15;

    private final VaultEnd vault;
    private final Supplier<Look> picture;
    private final Consumer<AgentEndpoint.Taken> heard;
    private final Pause pause;
    private final Pace.Signal added;
    private final Pace.Signal endTold;
    private final Lock lock = new ReentrantLock();
    private final Deque<AgentReport> waiting = new ArrayDeque<>();

    /** What the vault took last, of the loop's thread alone. */
    private final Map<AgentReport.ItemProgress.Key, AgentReport.ItemProgress> told = new HashMap<>();
    private Optional<String> inventoryTold = Optional.empty();
    private Optional<AgentReport.Roles> rolesTold = Optional.empty();
    private int untilAll = ALL_EVERY;
    private AgentReport refused;

    /** One for which the vault has nothing else to say. */
    ReportLoop(VaultEnd vault, Supplier<Look> picture, Pace pace, Pause pause) {
        this(vault, picture, _ -> { }, pace, pause);
    }

    /**
     * @param picture how everything stands now; called by the loop's thread
     * @param heard what else the vault says when it has taken something; called by the loop's thread, and quick
     */
    public ReportLoop(VaultEnd vault, Supplier<Look> picture, Consumer<AgentEndpoint.Taken> heard, Pace pace,
            Pause pause) {
        this.vault = vault;
        this.picture = picture;
        this.heard = heard;
        this.pause = pause;
        this.added = pace.signal();
        this.endTold = pace.signal();
    }

    /** To be told as soon as the vault is in reach. */
    public void add(AgentReport report) {
        lock.lock();
        try {
            if (report instanceof AgentReport.Refused && waiting.size() >= WAITING_MAX) {
                waiting.stream().filter(AgentReport.Refused.class::isInstance).findFirst().ifPresent(waiting::remove);
            }
            if (report instanceof AgentReport.HostFacts) {
                // Only how the host is now is of use, however long the vault was away.
                waiting.removeIf(AgentReport.HostFacts.class::isInstance);
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

    /** How many ends of commands the vault has heard of. */
    long endsTold() {
        return endTold.count();
    }

    /** Waits until the vault has heard of more ends of commands than so many, or so long. */
    void awaitEndTold(long seen, Duration atMost) throws InterruptedException {
        endTold.await(seen, atMost);
    }

    @Override
    public void take() throws InterruptedException {
        long seen = added.count();
        try {
            for (List<AgentReport> part : Portions.of(peek())) {
                tell(part);
            }
            for (List<AgentReport> part : Portions.of(changes(picture.get()))) {
                tell(part);
            }
        } catch (FailureException e) {
            // The command loop tells the log when the vault goes and comes; here it is only tried again.
            pause.await(INTERVAL);
            return;
        }
        added.await(seen, INTERVAL);
    }

    private List<AgentReport> changes(Look look) {
        if (--untilAll <= 0) {
            told.clear();
            rolesTold = Optional.empty();
            untilAll = ALL_EVERY;
        }
        List<AgentReport> changes = new ArrayList<>();
        Optional<String> digest = look.inventory().map(AgentReport.Inventory::digest);
        boolean known = digest.isEmpty() || digest.equals(inventoryTold);
        changes.add(new AgentReport.Heartbeat(
                look.version(), look.running(), look.troubles(), known ? digest : Optional.empty()));
        if (!known) {
            changes.add(look.inventory().get());
        }
        // Before what items tell: who runs where decides what that means.
        look.roles().filter(roles -> !rolesTold.equals(Optional.of(roles))).ifPresent(changes::add);
        Map<AgentReport.ItemProgress.Key, AgentReport.ItemProgress> present = new HashMap<>();
        for (AgentReport.ItemProgress progress : look.progress()) {
            present.put(progress.key(), progress);
            if (!progress.equals(told.get(progress.key()))) {
                changes.add(progress);
            }
        }
        told.keySet().retainAll(present.keySet());
        return changes;
    }

    private void tell(List<AgentReport> reports) {
        try {
            AgentEndpoint.Taken answer = vault.report(reports);
            reports.forEach(this::taken);
            if (answer.inventory()) {
                inventoryTold = Optional.empty();
            }
            heard.accept(answer);
        } catch (FailureException e) {
            if (!isOfTheReports(e)) {
                throw e;
            }
            if (reports.size() > 1) {
                tell(reports.subList(0, reports.size() / 2));
                tell(reports.subList(reports.size() / 2, reports.size()));
            } else {
                refused(reports.getFirst(), e);
            }
        }
    }

    /** Whether other reports may be taken: the vault is there, and does not like what these say or how much it is. */
    private static boolean isOfTheReports(FailureException e) {
        return e.failure().code() == FailureCode.REQUEST_TOO_LARGE
                || e.failure().code() == FailureCode.REQUEST_INVALID;
    }

    private void refused(AgentReport report, FailureException why) {
        if (!report.equals(refused)) {
            LOG.error("report was refused by the vault report={} reason={}",
                    report.getClass().getSimpleName(), why.failure().message());
            refused = report;
        }
        if (!(report instanceof AgentReport.CommandEnded)) {
            taken(report);
        }
    }

    private void taken(AgentReport report) {
        switch (report) {
            case AgentReport.Inventory inventory -> inventoryTold = Optional.of(inventory.digest());
            case AgentReport.Roles roles -> rolesTold = Optional.of(roles);
            case AgentReport.ItemProgress progress -> told.put(progress.key(), progress);
            case AgentReport.CommandEnded _ -> {
                forget(report);
                endTold.tell();
            }
            case AgentReport.Refused _, AgentReport.HostFacts _ -> forget(report);
            case AgentReport.Heartbeat _, AgentReport.Unknown _ -> { }
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

    private void forget(AgentReport told) {
        lock.lock();
        try {
            waiting.remove(told);
        } finally {
            lock.unlock();
        }
    }
}
