package org.understudy.nbd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.understudy.disk.BlockDevice;
import org.understudy.model.ByteCount;
import org.understudy.model.Extent;

/**
 * An export of an NBD server as a disk, and what the server knows about it: holes and what changed.
 *
 * <p>One connection carries the requests of all threads, up to {@value #IN_FLIGHT_MAX} at once; a long read or write is
 * split and its parts are in flight together. To read fast, read from many threads.
 *
 * <p>Errors: an {@link IOException} whose message names the export, the request and the server's answer. After the
 * connection was lost every call fails; there is no reconnection here (whoever plans a cycle begins it again). There
 * are no timeouts: whoever must not wait for a server that hangs closes the device from another thread, and everything
 * waiting fails. An interrupt ends the connection.
 */
public final class NbdDevice implements BlockDevice {
    /** Enough to keep a server busy while replies travel; 16 MiB of a server's memory. */
    public static final int IN_FLIGHT_MAX = 16;

    /** The longest read or write that is one request: servers need not take more than 32 MiB. */
    static final int REQUEST_LENGTH_MAX = 1 << 20;

    /** The longest request without payload; its length has 32 bits. */
    private static final long RANGE_LENGTH_MAX = 1L << 30;

    private final NbdExport export;
    private final NbdConnection connection;

    private NbdDevice(NbdExport export, NbdConnection connection) {
        this.export = export;
        this.connection = connection;
    }

    /**
     * Connects and agrees on an export.
     *
     * @param export the export's name; "" is the server's default
     * @param contexts the meta contexts to ask for, such as {@link BlockStatus#BASE_ALLOCATION}; what the server does
     *     not know is left out, see {@link #knows}
     */
    public static NbdDevice connect(Path socket, String export, List<String> contexts) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            NbdExport agreed = NbdHandshake.perform(channel, export, contexts);
            return new NbdDevice(agreed, NbdConnection.start(channel, agreed, IN_FLIGHT_MAX));
        } catch (IOException e) {
            channel.close();
            throw new IOException("NBD export \"%s\" at %s: %s".formatted(export, socket, e.getMessage()), e);
        }
    }

    /** Whether the server answers for this meta context. */
    public boolean knows(String context) {
        return export.contexts().containsKey(context);
    }

    public boolean readOnly() {
        return export.has(NbdProtocol.NBD_FLAG_READ_ONLY);
    }

    @Override
    public ByteCount size() {
        return new ByteCount(export.size());
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        requireInside(offset, target.remaining());
        Deque<NbdRequest> sent = new ArrayDeque<>();
        try {
            int end = target.limit();
            long at = offset;
            for (int start = target.position(); start < end; start += REQUEST_LENGTH_MAX) {
                int length = Math.min(REQUEST_LENGTH_MAX, end - start);
                NbdRequest request = NbdRequest.read(at, target.slice(start, length));
                connection.send(request);
                sent.add(request);
                at += length;
            }
        } finally {
            awaitAll(sent);
        }
        target.position(target.limit());
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
        requireInside(offset, source.remaining());
        requireWritable();
        Deque<NbdRequest> sent = new ArrayDeque<>();
        try {
            long at = offset;
            while (source.hasRemaining()) {
                int length = Math.min(REQUEST_LENGTH_MAX, source.remaining());
                NbdRequest request = NbdRequest.plain(NbdProtocol.NBD_CMD_WRITE, at, length);
                connection.send(request, source.slice(source.position(), length));
                sent.add(request);
                source.position(source.position() + length);
                at += length;
            }
        } finally {
            awaitAll(sent);
        }
    }

    @Override
    public void zero(Extent extent) throws IOException {
        requireInside(extent.offset(), extent.length());
        requireWritable();
        if (export.has(NbdProtocol.NBD_FLAG_SEND_WRITE_ZEROES)) {
            performInParts(NbdProtocol.NBD_CMD_WRITE_ZEROES, extent);
            return;
        }
        ByteBuffer zeroes = ByteBuffer.allocateDirect((int) Math.min(REQUEST_LENGTH_MAX, extent.length()));
        for (long at = extent.offset(); at < extent.end(); at += zeroes.limit()) {
            write(at, zeroes.clear().limit((int) Math.min(zeroes.capacity(), extent.end() - at)));
        }
    }

    /** Tells the server that the content of an extent is of no use any more; it may read as anything afterwards. */
    public void trim(Extent extent) throws IOException {
        requireInside(extent.offset(), extent.length());
        requireWritable();
        if (export.has(NbdProtocol.NBD_FLAG_SEND_TRIM)) {
            performInParts(NbdProtocol.NBD_CMD_TRIM, extent);
        }
    }

    /** What the server tells in {@link BlockStatus#BASE_ALLOCATION}, if it was asked for that when connecting. */
    @Override
    public List<Extent> allocated(Extent within) throws IOException {
        requireInside(within.offset(), within.length());
        if (!knows(BlockStatus.BASE_ALLOCATION)) {
            return List.of(within);
        }
        List<Extent> allocated = new ArrayList<>();
        try {
            for (BlockStatus status : status(BlockStatus.BASE_ALLOCATION, within)) {
                if (!status.zero()) {
                    allocated.add(status.extent());
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return allocated;
    }

    /** A server that takes no flush has nothing that a flush would make durable. */
    @Override
    public void flush() throws IOException {
        if (export.has(NbdProtocol.NBD_FLAG_SEND_FLUSH)) {
            connection.perform(NbdRequest.plain(NbdProtocol.NBD_CMD_FLUSH, 0, 0));
        }
    }

    /**
     * What the server says of a range, ascending, without gaps, neighbours of equal flags joined: whatever pieces the
     * server answers in. Asked for as it is iterated, up to 1 GiB at a time; each iterator asks anew.
     *
     * @throws IllegalArgumentException if the server does not {@link #knows know} the context
     */
    public Iterable<BlockStatus> status(String context, Extent range) {
        requireInside(range.offset(), range.length());
        if (!knows(context)) {
            throw new IllegalArgumentException(
                    "export \"%s\" has no meta context %s".formatted(export.name(), context));
        }
        return () -> (Iterator<BlockStatus>) new StatusIterator(range, part -> ask(context, part));
    }

    /** What the server says of the beginning of a range, at least of its first byte. */
    private List<BlockStatus> ask(String context, Extent range) throws IOException {
        NbdRequest request = NbdRequest.status(
                new Extent(range.offset(), Math.min(range.length(), RANGE_LENGTH_MAX)), context);
        connection.perform(request);
        if (request.statuses.isEmpty()) {
            throw new NbdException("%s of export \"%s\" was answered with nothing".formatted(request, export.name()));
        }
        return request.statuses;
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    @Override
    public String toString() {
        return "NBD export \"" + export.name() + "\"";
    }

    private void performInParts(short command, Extent extent) throws IOException {
        for (long at = extent.offset(); at < extent.end(); at += RANGE_LENGTH_MAX) {
            connection.perform(NbdRequest.plain(command, at, Math.min(RANGE_LENGTH_MAX, extent.end() - at)));
        }
    }

    /** Waits for all, also after one failed: their buffers belong to the connection until then. */
    private void awaitAll(Deque<NbdRequest> sent) throws IOException {
        IOException first = null;
        for (NbdRequest request : sent) {
            try {
                connection.await(request);
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private void requireWritable() throws IOException {
        if (readOnly()) {
            throw new NbdException("NBD export \"%s\" is read-only".formatted(export.name()));
        }
    }
}
