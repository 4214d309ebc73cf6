package org.understudy.agent.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.function.Consumer;
import org.understudy.disk.CaptureDisk;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/** A disk of a watched point in time: each answer of it tells the watch that the point gets on. Threads as the disk. */
final class WatchedDisk implements CaptureDisk {
    private final CaptureDisk disk;
    private final Runnable answered;
    private final Consumer<WatchedDisk> closing;

    /** @param closing told each time it is let go of */
    WatchedDisk(CaptureDisk disk, Runnable answered, Consumer<WatchedDisk> closing) {
        this.disk = disk;
        this.answered = answered;
        this.closing = closing;
    }

    @Override
    public ByteCount size() {
        return disk.size();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        disk.read(offset, target);
        answered.run();
    }

    @Override
    public Iterable<Part> parts(Extent within) {
        return watched(disk.parts(within));
    }

    @Override
    public boolean knowsChanges() {
        return disk.knowsChanges();
    }

    @Override
    public Iterable<Extent> changed(Extent within) {
        return watched(disk.changed(within));
    }

    private <T> Iterable<T> watched(Iterable<T> all) {
        return () -> {
            Iterator<T> each = all.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return each.hasNext();
                }

                @Override
                public T next() {
                    T next = each.next();
                    answered.run();
                    return next;
                }
            };
        };
    }

    @Override
    public void close() throws IOException {
        closing.accept(this);
        disk.close();
    }

    @Override
    public String toString() {
        return disk.toString();
    }
}
