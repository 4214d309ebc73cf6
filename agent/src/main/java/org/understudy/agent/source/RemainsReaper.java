package org.understudy.agent.source;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine;
import org.understudy.model.loop.EndlessLoop;

/**
 * A loop that removes from this host what no replication needs: the remains of relationships that ended when they could
 * not be removed, each minute and whenever a VM starts or stops; and each hour, and first of all, checkpoints and
 * bitmaps of this agent on any VM that nobody knows any more. Those of another agent stay, and are told of.
 */
final class RemainsReaper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RemainsReaper.class);
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
    private static final Duration SWEEP_AGAIN = Duration.ofHours(1);

    private final Hypervisor hypervisor;
    private final Ended ended;
    private final Predicate<String> unneeded;
    private final Predicate<String> foreign;
    private final Semaphore woken = new Semaphore(0);
    private volatile boolean ending;
    /** By a clock that is never set, since VMs that start and stop wake the loop as often as they like. */
    private long nextSweep = System.nanoTime();
    private volatile boolean sweepsSoon;
    private Set<String> told = Set.of();
    private Set<String> foreignTold = Set.of();

    /** What the loop asks its owner for. */
    @FunctionalInterface
    interface Ended {
        /** Removes what it can of the relationships that ended. */
        void remove() throws IOException;
    }

    /**
     * @param unneeded whether a checkpoint of this name is this agent's own and of no use to its replications
     * @param foreign whether it is of another agent, or nobody can say whose
     */
    RemainsReaper(
            Hypervisor hypervisor, Ended ended, Predicate<String> unneeded, Predicate<String> foreign) {
        this.hypervisor = hypervisor;
        this.ended = ended;
        this.unneeded = unneeded;
        this.foreign = foreign;
    }

    void start() {
        Thread.ofVirtual().name("remains").start(new EndlessLoop("remains", this::turn, () -> ending, this::await));
    }

    /** Looks again now. */
    void wake() {
        woken.release();
    }

    /** Looks at every VM now, and each minute while anything stays. */
    void sweepSoon() {
        sweepsSoon = true;
        wake();
    }

    private void turn() throws IOException, InterruptedException {
        try {
            ended.remove();
            if (sweepsSoon || System.nanoTime() - nextSweep >= 0) {
                sweepsSoon = false;
                Duration again = sweep() ? SWEEP_AGAIN : LOOK_AGAIN;
                nextSweep = System.nanoTime() + again.toNanos();
            }
        } catch (IOException | FailureException e) {
            LOG.debug("remains were not looked for reason={}", e.toString());
        }
        await(LOOK_AGAIN);
    }

    /** Whether nothing is left. */
    private boolean sweep() throws IOException {
        Set<String> staying = new TreeSet<>();
        Set<String> others = new TreeSet<>();
        for (VirtualMachine machine : hypervisor.machines()) {
            try {
                List<String> left = hypervisor.reapCheckpoints(machine.id(), name -> {
                    if (foreign.test(name)) {
                        others.add(machine.name() + " " + name);
                    }
                    return unneeded.test(name);
                });
                if (!left.isEmpty()) {
                    staying.add(machine.name() + " " + left);
                }
            } catch (FailureException e) {
                LOG.info("remains were not looked for vm={} reason=\"{}\"", machine.name(), e.failure().message());
            }
        }
        if (!staying.equals(told)) {
            told = staying;
            LOG.info("remains stay for now vms={}", staying);
        }
        if (!others.equals(foreignTold)) {
            foreignTold = others;
            LOG.warn("checkpoints that no replication of this agent made stay; if no other agent of this host comes"
                    + " back for them, virsh checkpoint-delete removes them checkpoints={}", others);
        }
        return staying.isEmpty();
    }

    private void await(Duration atMost) throws InterruptedException {
        if (woken.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            woken.drainPermits();
        }
    }

    @Override
    public void close() {
        ending = true;
        wake();
    }
}
