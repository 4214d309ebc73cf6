package org.understudy.agent.source;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.capture.SpaceGuard;
import org.understudy.disk.CaptureDisk;
import org.understudy.hypervisor.PointInTime;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;

/**
 * What watches an open point in time so that the guest never pays for it: the guest's overwrites grow a scratch file
 * beside its disks, and QEMU fails the guest's write when that finds no room. Ten times a second it asks for the free
 * space, and whether the capture still gets on, and ends the point in time before the reserve is gone.
 *
 * <p>One virtual thread for each open point; a look costs one statvfs a disk. libvirt offers no way to ask QEMU for
 * {@code on-cbw-error=break-snapshot} in a pull-mode backup (decision 18), so the watch is what there is.
 */
final class PointWatch implements AutoCloseable {
    static final Duration EVERY = Duration.ofMillis(100);
    /**
     * So long nothing comes from QEMU only when it hangs. A healthy disk delivers the next piece within seconds; the
     * longest answer is that 64 TiB are one hole, which takes 65,536 questions of a millisecond. A cycle that is ended
     * for nothing is begun again; a QEMU that cannot end keeps its guest from powering off.
     */
    static final Duration STALLED_AFTER = Duration.ofMinutes(2);

    private static final Logger LOG = LoggerFactory.getLogger(PointWatch.class);

    private final PointInTime point;
    private final SpaceGuard space;
    private final Duration stalledAfter;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread thread;
    private final Set<WatchedDisk> disks = ConcurrentHashMap.newKeySet();
    private volatile long lastProgress = System.nanoTime();
    private volatile Optional<FailureException> reason = Optional.empty();

    private PointWatch(PointInTime point, SpaceGuard space, Duration stalledAfter) {
        this.point = point;
        this.space = space;
        this.stalledAfter = stalledAfter;
        this.thread = Thread.ofVirtual().name("point-watch").start(this::watch);
    }

    /** Watches until closed. */
    static PointWatch over(PointInTime point, SpaceGuard space) {
        return new PointWatch(point, space, STALLED_AFTER);
    }

    static PointWatch over(PointInTime point, SpaceGuard space, Duration stalledAfter) {
        return new PointWatch(point, space, stalledAfter);
    }

    /** Opens a disk of the point: what it answers is progress, and it is closed when the point is ended early. */
    CaptureDisk open(DiskName disk) throws IOException {
        WatchedDisk opened = new WatchedDisk(point.open(disk), this::progressed, disks::remove);
        disks.add(opened);
        if (reason.isPresent()) {
            opened.close();
            throw reason.get();
        }
        return opened;
    }

    /** The capture has got on. */
    void progressed() {
        lastProgress = System.nanoTime();
    }

    /** Why it ended the point in time; empty when it has not. */
    Optional<FailureException> reason() {
        return reason;
    }

    private void watch() {
        try {
            while (!over.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                Optional<FailureException> found = look();
                if (found.isPresent()) {
                    reason = found;
                    end();
                    return;
                }
            }
        } catch (InterruptedException e) {
            // Nobody interrupts it: it is told by the latch.
            Thread.currentThread().interrupt();
        }
    }

    private Optional<FailureException> look() {
        try {
            space.check();
        } catch (FailureException e) {
            return Optional.of(e);
        } catch (IOException | RuntimeException | Error e) {
            // Whatever it is: a point in time that nobody watches may fill the disk that the guest writes to.
            return Optional.of(FailureException.of(FailureCode.SOURCE_IO_FAILED,
                    "The free space beside the VM's disks cannot be read: " + FailureTeller.reason(e) + ".")
                    .causedBy(e));
        }
        if (System.nanoTime() - lastProgress > stalledAfter.toNanos()) {
            return Optional.of(FailureException.of(FailureCode.SOURCE_IO_FAILED, "QEMU delivered nothing of a point in"
                    + " time for " + stalledAfter.toMinutes() + " min, so it was ended."));
        }
        return Optional.empty();
    }

    private void end() {
        LOG.warn("a point in time was ended early reason=\"{}\"", reason.orElseThrow().failure().message());
        // First the connections: a QEMU that waits for whoever reads from it takes no order, nor ends.
        for (WatchedDisk disk : disks) {
            try {
                disk.close();
            } catch (IOException | RuntimeException e) {
                LOG.warn("a disk of a point in time could not be closed disk={} reason={}", disk, e.toString());
            }
        }
        try {
            point.close();
        } catch (IOException | RuntimeException e) {
            // The capture's own end tries again, and so does the next cycle before it begins.
            LOG.warn("a point in time could not be ended early reason={}", e.toString());
        }
    }

    /** Returns when it looks no more; the point in time stays as it is. */
    @Override
    public void close() {
        over.countDown();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
