package org.understudy.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.understudy.disk.CaptureDisk;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/**
 * A disk at a point in time that an NBD server shows, with a dirty bitmap of QEMU for what changed. Threads and errors
 * as {@link NbdDevice}: after the server died every call fails.
 */
public final class NbdCaptureDisk implements CaptureDisk {
    private final NbdDevice device;
    private final Optional<String> dirtyContext;

    private NbdCaptureDisk(NbdDevice device, Optional<String> dirtyContext) {
        this.device = device;
        this.dirtyContext = dirtyContext;
    }

    /**
     * Connects to an export.
     *
     * @param dirtyContext the meta context of the bitmap of what changed since the point before, if there is one
     * @throws IOException also when the server does not offer what is asked for
     */
    public static NbdCaptureDisk connect(Path socket, String export, Optional<String> dirtyContext)
            throws IOException {
        List<String> contexts = new ArrayList<>(List.of(BlockStatus.BASE_ALLOCATION));
        dirtyContext.ifPresent(contexts::add);
        NbdDevice device = NbdDevice.connect(socket, export, contexts);
        for (String context : contexts) {
            if (!device.knows(context)) {
                device.close();
                throw new IOException("%s does not offer %s".formatted(device, context));
            }
        }
        return new NbdCaptureDisk(device, dirtyContext);
    }

    @Override
    public ByteCount size() {
        return device.size();
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        device.read(offset, target);
    }

    @Override
    public Iterable<Part> parts(Extent within) {
        Iterable<BlockStatus> statuses = device.status(BlockStatus.BASE_ALLOCATION, within);
        return () -> StreamSupport.stream(statuses.spliterator(), false)
                .map(status -> new Part(status.extent(), status.zero())).iterator();
    }

    @Override
    public boolean knowsChanges() {
        return dirtyContext.isPresent();
    }

    @Override
    public Iterable<Extent> changed(Extent within) {
        String context = dirtyContext.orElseThrow(
                () -> new IllegalStateException("without a dirty bitmap nobody knows what changed on " + device));
        Iterable<BlockStatus> statuses = device.status(context, within);
        return () -> StreamSupport.stream(statuses.spliterator(), false)
                .filter(BlockStatus::dirty).map(BlockStatus::extent).iterator();
    }

    @Override
    public void close() throws IOException {
        device.close();
    }

    @Override
    public String toString() {
        return device.toString();
    }
}
