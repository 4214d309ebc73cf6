package org.understudy.agent.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.agent.source.SourceState.Cycle;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.Loss;

/**
 * How far one relationship has come at its source, what of that was found to be lost, and what is known of its target's
 * disks: the one owner of its state, which is written down before it is believed. Knows no hypervisor. Safe for
 * threads; the lock is never held while data moves.
 */
final class SourceChain {
    private static final Logger LOG = LoggerFactory.getLogger(SourceChain.class);
    /** About one a second: a target has applied two waiting cycles by then, or is held by something that lasts. */
    private static final int REFUSED_COMPARISONS_MAX = 120;

    private final RelationshipId id;
    private final String vmName;
    private final RelationshipStore store;
    private final TargetTables tables;
    private final Lock lock = new ReentrantLock();
    private Optional<SourceState> state = Optional.empty();
    /** What was found to be lost and is not dealt with; after a restart it is found again. */
    private Optional<Loss> loss = Optional.empty();
    /** How often the chain was begun anew or taken back: a cycle that was under way then does not count. */
    private long breaks;
    private int refusedComparisons;

    SourceChain(Relationship relationship, RelationshipStore store) {
        this.id = relationship.id();
        this.vmName = relationship.vmName();
        this.store = store;
        Map<DiskName, ByteCount> sizes = new TreeMap<>();
        relationship.disks().forEach((disk, known) -> sizes.put(disk, known.size()));
        this.tables = new TargetTables(sizes, disk -> store.hashesFile(id, disk));
    }

    /** A cycle whose logs are whole, the changed bytes in it, and what of it was compared and found equal. */
    record Captured(Cycle cycle, ByteCount changed, ByteCount compared, ByteCount equal) {}

    /**
     * The state. One that is gone is not a beginning: what the target holds would be taken for another's, and what
     * waits here for garbage.
     */
    SourceState state() throws IOException {
        lock.lock();
        try {
            if (state.isEmpty()) {
                state = store.state(id);
            }
            return state.orElseThrow(() -> FailureException.of(FailureCode.SOURCE_IO_FAILED,
                    "Replication of VM " + vmName + " waits: the record of how far it has come, "
                            + store.stateFile(id) + ", is gone. Nothing of it was deleted.",
                    "Put the file back from a backup; replication goes on by itself then. Without one, disable "
                            + "protection and protect the VM again."));
        } finally {
            lock.unlock();
        }
    }

    /** What was found to be lost and is not dealt with. */
    Optional<Loss> loss() {
        lock.lock();
        try {
            return loss;
        } finally {
            lock.unlock();
        }
    }

    /** Notes a loss, until {@link #coverAnew} or {@link #goBackTo} deals with it. */
    void lost(Loss found) {
        LOG.warn("a loss was found relationship={} vm={} reason=\"{}\"", id, vmName, found.reason());
        lock.lock();
        try {
            loss = Optional.of(found);
        } finally {
            lock.unlock();
        }
    }

    /** To be handed to {@link #count}, taken before the cycle begins. */
    long breaks() {
        lock.lock();
        try {
            return breaks;
        } finally {
            lock.unlock();
        }
    }

    /** The cycle counts from now on, unless the chain was broken since {@code breaksBefore}. */
    void count(Captured captured, long breaksBefore) throws IOException {
        lock.lock();
        try {
            if (breaks != breaksBefore) {
                throw new IOException("the chain was taken back while cycle " + captured.cycle().position()
                        + " was captured; it does not count");
            }
            move(now -> now.captured(captured.cycle(), captured.changed()).comparing(
                    comparison -> comparison.with(captured.compared(), captured.equal())));
        } finally {
            lock.unlock();
        }
    }

    void coverAnew(String reason) throws IOException {
        LOG.warn("resynchronisation began relationship={} vm={} reason=\"{}\"", id, vmName, reason);
        breakChain(now -> now.startingOver(reason));
    }

    void goBackTo(LogPosition position, String reason) throws IOException {
        LOG.warn("the chain goes on from another position relationship={} vm={} position={} captured={} reason=\"{}\"",
                id,
                vmName, position, state().captured().position(), reason);
        breakChain(now -> now.goneBackTo(position, reason));
    }

    /** What was lost is dealt with when this returns, and a cycle under way will not count. */
    private void breakChain(UnaryOperator<SourceState> change) throws IOException {
        lock.lock();
        try {
            move(change);
            loss = Optional.empty();
            refusedComparisons = 0;
            breaks++;
        } finally {
            lock.unlock();
        }
    }

    /** @param isWhole whether a cycle covers all of the disks */
    void acknowledged(LogPosition position, Predicate<Cycle> isWhole) throws IOException {
        lock.lock();
        try {
            boolean compared = state().comparison().isPresent();
            move(now -> isWhole.test(now.acknowledged(position).acknowledged())
                    ? now.acknowledged(position).whole() : now.acknowledged(position));
            if (compared && state().comparison().isEmpty()) {
                tables.delete();
            }
        } finally {
            lock.unlock();
        }
    }

    /** What is known of the target's disks. */
    TargetTables tables() {
        return tables;
    }

    /** What the target is to be asked before the next cycle. */
    Optional<HashRequest> wanted() throws IOException {
        lock.lock();
        try {
            SourceState now = state();
            Optional<SourceState.Comparison> open = now.comparison().filter(comparison -> !comparison.over());
            if (open.isEmpty()) {
                return Optional.empty();
            }
            Optional<HashRequest> next = tables.wanted(open.get().key(), now.captured().position());
            if (next.isEmpty()) {
                move(then -> then.comparing(SourceState.Comparison::ended));
            }
            return next;
        } catch (IOException e) {
            // A disk of the agent's own that is full or away must not keep the VM from being replicated.
            withoutComparison("what the target holds cannot be noted: " + e.getMessage());
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    void compared(HashRequest request, HashAnswer answer) throws IOException {
        lock.lock();
        try {
            if (!wanted().equals(Optional.of(request))) {
                return;
            }
            switch (answer) {
                case HashAnswer.Hashes(ByteBuffer hashes) -> {
                    tables.add(request, hashes.duplicate());
                    refusedComparisons = 0;
                }
                case HashAnswer.NotNow(String why) -> {
                    refusedComparisons++;
                    if (refusedComparisons >= REFUSED_COMPARISONS_MAX) {
                        withoutComparison(why);
                    }
                }
                case HashAnswer.NeverHeardOf _ -> withoutComparison("the target's agent is of an earlier release");
            }
        } finally {
            lock.unlock();
        }
    }

    /** What is known by now is made use of; of the rest everything is shipped. */
    private void withoutComparison(String why) throws IOException {
        LOG.warn("the disks are covered anew without a whole comparison relationship={} vm={} reason=\"{}\"", id,
                vmName,
                why);
        refusedComparisons = 0;
        move(now -> now.comparing(SourceState.Comparison::ended));
    }

    private void move(UnaryOperator<SourceState> change) throws IOException {
        SourceState next = change.apply(state());
        store.save(id, next);
        state = Optional.of(next);
    }
}
