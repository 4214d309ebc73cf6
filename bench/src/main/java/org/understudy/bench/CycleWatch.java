package org.understudy.bench;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Watches replication's cycles from outside, by the files that come and go beside the disks of a source: scratch files
 * when a point in time begins, an open log when reading begins, a closed one when it is durable, none after the target
 * acknowledged it. Exact to a few milliseconds, and it costs the product nothing.
 *
 * <p>For one item at a time. Times are {@link System#nanoTime}. Safe for threads.
 */
final class CycleWatch implements AutoCloseable {
    private static final String ITEM_FOLDER = ".understudy-";
    private static final String AGENT_FOLDER = ".understudy-agent";
    private static final Pattern LOG = Pattern.compile("[a-z]+\\.\\d+-(\\d+)\\.hrl(\\.open)?");

    private final WatchService service;
    private final Map<WatchKey, Path> folders = new HashMap<>();
    private final Lock lock = new ReentrantLock();
    private final Condition seen = lock.newCondition();
    private final Map<Long, Cycle> cycles = new HashMap<>();
    private long begun;
    private IOException failed;

    /**
     * A cycle as far as it has come; 0 for what did not happen yet.
     *
     * @param begun its point in time is being made
     * @param reading its first log is open
     * @param captured its last log is durable
     * @param acknowledged its first log is deleted
     */
    record Cycle(long sequence, long begun, long reading, long captured, long acknowledged) {
        double seconds() {
            return (acknowledged - begun) / 1e9;
        }

        double beginSeconds() {
            return (reading - begun) / 1e9;
        }

        double captureSeconds() {
            return (captured - reading) / 1e9;
        }

        double shipSeconds() {
            return (acknowledged - captured) / 1e9;
        }
    }

    private CycleWatch(WatchService service) {
        this.service = service;
    }

    /** Watches from now on; {@code images} is the folder of the disks, where an item's folder may come later. */
    static CycleWatch start(Path images) throws IOException {
        CycleWatch watch = new CycleWatch(images.getFileSystem().newWatchService());
        watch.register(images);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(images)) {
            for (Path entry : entries) {
                watch.registerItem(entry);
            }
        }
        Thread.ofPlatform().daemon().name("cycle-watch").start(watch::run);
        return watch;
    }

    /** Waits for an acknowledged cycle like this, the earliest of them. */
    Cycle await(Predicate<Cycle> like, Duration atMost) throws IOException {
        return await(1, like, atMost).getFirst();
    }

    /** Waits for so many acknowledged cycles like this, the earliest ones. */
    List<Cycle> await(int count, Predicate<Cycle> like, Duration atMost) throws IOException {
        long left = atMost.toNanos();
        lock.lock();
        try {
            List<Cycle> found = acknowledged(like);
            while (found.size() < count) {
                if (failed != null) {
                    throw new IOException("cycles are watched no longer", failed);
                }
                if (left <= 0) {
                    throw new IOException("saw %d of %d cycles within %d s".formatted(
                            found.size(), count, atMost.toSeconds()));
                }
                left = seen.awaitNanos(left);
                found = acknowledged(like);
            }
            return found.subList(0, count);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while cycles were watched");
        } finally {
            lock.unlock();
        }
    }

    private List<Cycle> acknowledged(Predicate<Cycle> like) {
        List<Cycle> found = new ArrayList<>(cycles.values());
        found.removeIf(cycle -> cycle.acknowledged() == 0 || !like.test(cycle));
        found.sort(Comparator.comparingLong(Cycle::sequence));
        return found;
    }

    private void run() {
        try {
            while (true) {
                WatchKey key = service.take();
                long now = System.nanoTime();
                for (WatchEvent<?> event : key.pollEvents()) {
                    if (event.context() instanceof Path name) {
                        happened(folders.get(key), name, event.kind() == ENTRY_CREATE, now);
                    }
                }
                key.reset();
            }
        } catch (ClosedWatchServiceException closed) {
            fail(new IOException("the watch was closed"));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            fail(new InterruptedIOException());
        } catch (IOException e) {
            fail(e);
        }
    }

    private void happened(Path folder, Path name, boolean created, long now) throws IOException {
        String text = name.toString();
        if (created) {
            registerItem(folder.resolve(name));
        }
        Matcher log = LOG.matcher(text);
        lock.lock();
        try {
            if (log.matches()) {
                boolean open = log.group(2) != null;
                cycles.compute(Long.parseLong(log.group(1)), (sequence, before) -> moved(
                        before == null ? new Cycle(sequence, 0, 0, 0, 0) : before, open, created, now));
                seen.signalAll();
            } else if (created && text.endsWith("-scratch") && begun == 0) {
                begun = now;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Of several disks the first open log counts, the last closed one, the first deleted one. */
    private Cycle moved(Cycle cycle, boolean open, boolean created, long now) {
        if (open) {
            if (!created || cycle.reading() != 0) {
                return cycle;
            }
            Cycle reading = new Cycle(cycle.sequence(), begun == 0 ? now : begun, now, 0, 0);
            begun = 0;
            return reading;
        }
        if (created) {
            return new Cycle(cycle.sequence(), cycle.begun(), cycle.reading(), now, 0);
        }
        return cycle.acknowledged() != 0 ? cycle
                : new Cycle(cycle.sequence(), cycle.begun(), cycle.reading(), cycle.captured(), now);
    }

    private void register(Path folder) throws IOException {
        folders.put(folder.register(service, ENTRY_CREATE, ENTRY_DELETE), folder);
    }

    private void registerItem(Path entry) throws IOException {
        String name = entry.getFileName().toString();
        if (name.startsWith(ITEM_FOLDER) && !name.equals(AGENT_FOLDER) && Files.isDirectory(entry)) {
            register(entry);
        }
    }

    private void fail(IOException reason) {
        lock.lock();
        try {
            failed = reason;
            seen.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
