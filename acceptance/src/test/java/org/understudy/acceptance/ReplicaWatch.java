package org.understudy.acceptance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Watches a replica's files at the target without a pause, and writes down each promise that it sees broken: an
 * acknowledged position that goes back, a disk that is less covered than before, another generation.
 */
final class ReplicaWatch implements AutoCloseable {
    private static final long INTERVAL_MILLIS = 100;

    private final Path folder;
    private final List<String> broken = new CopyOnWriteArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile ReplicaStanding last;

    private ReplicaWatch(Path folder) throws IOException {
        this.folder = folder;
        this.last = ReplicaStanding.of(folder);
    }

    /** Begins to watch the replica in this folder, which is seen from outside its host. */
    static ReplicaWatch of(Path folder) throws IOException {
        ReplicaWatch watch = new ReplicaWatch(folder);
        Thread.ofVirtual().name("replica-watch").start(watch::run);
        return watch;
    }

    /** How it stands just now. */
    synchronized ReplicaStanding standing() throws IOException {
        ReplicaStanding now = ReplicaStanding.of(folder);
        compare(now);
        return now;
    }

    /** The promises that were broken, as sentences. */
    List<String> broken() {
        return List.copyOf(broken);
    }

    private void run() {
        try {
            while (!ended.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
                standing();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            broken.add("the replica could not be read any more: " + e);
        }
    }

    private void compare(ReplicaStanding now) {
        if (now.acknowledged() < last.acknowledged()) {
            broken.add("acknowledged went from " + last.acknowledged() + " back to " + now.acknowledged());
        }
        if (now.covered() < last.covered()) {
            broken.add("covered went from " + last.covered() + " back to " + now.covered());
        }
        if (now.generation() != last.generation() && last.generation() != 0) {
            broken.add("generation " + last.generation() + " became " + now.generation());
        }
        last = now;
    }

    @Override
    public void close() {
        ended.countDown();
    }
}
