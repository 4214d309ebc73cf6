package org.understudy.replica;

import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.concurrent.locks.ReentrantLock;
import org.understudy.model.Consistency;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;

/**
 * The instants that a replica's undo logs restore, oldest first, in a few bytes each.
 *
 * <p>A policy of one point a second for a day has 86,400 of them, and a host has many replicas: as objects with their
 * map they would be most of an agent's memory, so they are 29 bytes each in arrays of numbers. Every change is done in
 * place and seen as a whole. Safe for threads.
 */
final class InstantChain {
    private static final int FIRST_CAPACITY = 16;
    private static final Consistency[] CONSISTENCIES = Consistency.values();

    private final ReentrantLock lock = new ReentrantLock();
    private long[] generations = new long[FIRST_CAPACITY];
    private long[] sequences = new long[FIRST_CAPACITY];
    private long[] seconds = new long[FIRST_CAPACITY];
    private int[] nanos = new int[FIRST_CAPACITY];
    private byte[] consistencies = new byte[FIRST_CAPACITY];
    private int size;

    /** Adds one behind all others; it must be later than they are. */
    void add(ReplicaInstant instant) {
        lock.lock();
        try {
            if (size > 0 && LogPosition.ORDER.compare(position(size - 1), instant.position()) >= 0) {
                throw new IllegalArgumentException(instant.position() + " does not follow " + position(size - 1));
            }
            if (size == sequences.length) {
                resize(size + (size >> 1));
            }
            generations[size] = instant.position().generation();
            sequences[size] = instant.position().sequence();
            seconds[size] = instant.capturedAt().getEpochSecond();
            nanos[size] = instant.capturedAt().getNano();
            consistencies[size] = (byte) instant.consistency().ordinal();
            size++;
        } finally {
            lock.unlock();
        }
    }

    private void resize(int capacity) {
        generations = Arrays.copyOf(generations, capacity);
        sequences = Arrays.copyOf(sequences, capacity);
        seconds = Arrays.copyOf(seconds, capacity);
        nanos = Arrays.copyOf(nanos, capacity);
        consistencies = Arrays.copyOf(consistencies, capacity);
    }

    /** Removes those that lie after {@code older} and before {@code newer}; both stay. */
    void removeBetween(LogPosition older, LogPosition newer) {
        lock.lock();
        try {
            int from = indexOfFirst(older);
            if (from < size && position(from).equals(older)) {
                from++;
            }
            remove(from, indexOfFirst(newer));
        } finally {
            lock.unlock();
        }
    }

    /** Removes those before {@code oldest}. */
    void removeBefore(LogPosition oldest) {
        lock.lock();
        try {
            remove(0, indexOfFirst(oldest));
        } finally {
            lock.unlock();
        }
    }

    private void remove(int from, int to) {
        int count = to - from;
        if (count <= 0) {
            return;
        }
        int behind = size - to;
        System.arraycopy(generations, to, generations, from, behind);
        System.arraycopy(sequences, to, sequences, from, behind);
        System.arraycopy(seconds, to, seconds, from, behind);
        System.arraycopy(nanos, to, nanos, from, behind);
        System.arraycopy(consistencies, to, consistencies, from, behind);
        size -= count;
        if (sequences.length > FIRST_CAPACITY && size < sequences.length / 4) {
            resize(Math.max(FIRST_CAPACITY, sequences.length / 2));
        }
    }

    /** Removes the newest. */
    void removeLast() {
        lock.lock();
        try {
            remove(size - 1, size);
        } finally {
            lock.unlock();
        }
    }

    /** The newest that is not after {@code position}. */
    Optional<LogPosition> floor(LogPosition position) {
        lock.lock();
        try {
            int at = indexOfFirst(position);
            boolean there = at < size && position(at).equals(position);
            return there ? Optional.of(position) : at > 0 ? Optional.of(position(at - 1)) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** The oldest that is after {@code position}. */
    Optional<LogPosition> after(LogPosition position) {
        lock.lock();
        try {
            int at = indexOfFirst(position.next());
            return at < size ? Optional.of(position(at)) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** The oldest of all. */
    Optional<LogPosition> first() {
        lock.lock();
        try {
            return size > 0 ? Optional.of(position(0)) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** Those from {@code oldest} on and before {@code end}, oldest first. */
    List<ReplicaInstant> between(LogPosition oldest, LogPosition end) {
        lock.lock();
        try {
            return copy(indexOfFirst(oldest), indexOfFirst(end));
        } finally {
            lock.unlock();
        }
    }

    /** Those before {@code end}, oldest first. */
    List<ReplicaInstant> before(LogPosition end) {
        lock.lock();
        try {
            return copy(0, indexOfFirst(end));
        } finally {
            lock.unlock();
        }
    }

    /** The recovery points among those before {@code end}, newest first, behind {@code newer}; a picture of now. */
    List<RecoveryPoint> points(LogPosition end, List<RecoveryPoint> newer) {
        lock.lock();
        try {
            InstantChain points = new InstantChain();
            int to = indexOfFirst(end);
            points.resize(Math.max(FIRST_CAPACITY, to));
            for (int i = 0; i < to; i++) {
                if (consistencies[i] != Consistency.PARTIAL.ordinal()) {
                    points.take(this, i);
                }
            }
            return new Points(newer, points);
        } finally {
            lock.unlock();
        }
    }

    /**
     * What {@link #points} would hold, without a copy of it: one look at a byte for each, which are some ten
     * microseconds for a day of seconds. Nothing is kept beside the numbers that could differ from them.
     */
    PointsSummary summary(LogPosition end, List<RecoveryPoint> newer) {
        lock.lock();
        try {
            int count = 0;
            int oldest = -1;
            int newest = -1;
            int application = -1;
            for (int i = indexOfFirst(end) - 1; i >= 0; i--) {
                if (consistencies[i] != Consistency.PARTIAL.ordinal()) {
                    count++;
                    oldest = i;
                    newest = newest < 0 ? i : newest;
                    application = application < 0 && consistencies[i] == Consistency.APPLICATION.ordinal()
                            ? i : application;
                }
            }
            Optional<RecoveryPoint> first = newer.isEmpty() ? point(newest) : Optional.of(newer.getFirst());
            Optional<RecoveryPoint> last =
                    oldest < 0 && !newer.isEmpty() ? Optional.of(newer.getLast()) : point(oldest);
            Optional<RecoveryPoint> frozen = newer.stream()
                    .filter(point -> point.consistency() == Consistency.APPLICATION).findFirst();
            return new PointsSummary(newer.size() + count, first, last,
                    frozen.isPresent() ? frozen : point(application));
        } finally {
            lock.unlock();
        }
    }

    /** Some of what {@link #points} would hold: from {@code from} on to older ones, at most so many. */
    List<RecoveryPoint> page(LogPosition end, List<RecoveryPoint> newer, Optional<LogPosition> from, int limit) {
        List<RecoveryPoint> page = new ArrayList<>();
        newer.stream().filter(point -> from.isEmpty()
                || LogPosition.ORDER.compare(point.position(), from.get()) <= 0).limit(limit).forEach(page::add);
        lock.lock();
        try {
            int index = Math.min(indexOfFirst(end), from.map(it -> indexOfFirst(it.next())).orElse(size)) - 1;
            while (index >= 0 && page.size() < limit) {
                instant(index).asPoint().ifPresent(page::add);
                index--;
            }
        } finally {
            lock.unlock();
        }
        return page;
    }

    private Optional<RecoveryPoint> point(int index) {
        return index < 0 ? Optional.empty() : instant(index).asPoint();
    }

    private void take(InstantChain other, int index) {
        generations[size] = other.generations[index];
        sequences[size] = other.sequences[index];
        seconds[size] = other.seconds[index];
        nanos[size] = other.nanos[index];
        consistencies[size] = other.consistencies[index];
        size++;
    }

    /** Points that become objects when they are asked for. */
    private static final class Points extends AbstractList<RecoveryPoint> implements RandomAccess {
        private final List<RecoveryPoint> newer;
        private final InstantChain older;

        Points(List<RecoveryPoint> newer, InstantChain older) {
            this.newer = List.copyOf(newer);
            this.older = older;
        }

        @Override
        public RecoveryPoint get(int index) {
            Objects.checkIndex(index, size());
            return index < newer.size() ? newer.get(index)
                    : older.instant(older.size - 1 - (index - newer.size())).asPoint().orElseThrow();
        }

        @Override
        public int size() {
            return newer.size() + older.size;
        }
    }

    private ReplicaInstant instant(int index) {
        return new ReplicaInstant(position(index), Instant.ofEpochSecond(seconds[index], nanos[index]),
                CONSISTENCIES[consistencies[index]]);
    }

    private List<ReplicaInstant> copy(int from, int to) {
        List<ReplicaInstant> copied = new ArrayList<>(Math.max(0, to - from) + 1);
        for (int i = from; i < to; i++) {
            copied.add(instant(i));
        }
        return copied;
    }

    /** Whether one of them is at {@code position}. */
    boolean has(LogPosition position) {
        lock.lock();
        try {
            int at = indexOfFirst(position);
            return at < size && position(at).equals(position);
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        return size() == 0;
    }

    int size() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }

    void clear() {
        lock.lock();
        try {
            size = 0;
            resize(FIRST_CAPACITY);
        } finally {
            lock.unlock();
        }
    }

    private LogPosition position(int index) {
        return new LogPosition(generations[index], sequences[index]);
    }

    /** The index of the first that is not before {@code position}. */
    private int indexOfFirst(LogPosition position) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            boolean before = generations[middle] < position.generation()
                    || generations[middle] == position.generation() && sequences[middle] < position.sequence();
            if (before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
