package org.understudy.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.understudy.model.Extent;

/**
 * One request in flight and what arrived for it so far.
 *
 * <p>Threads: made by the sender, filled by the reader alone; the sender looks again after {@link #await}.
 */
final class NbdRequest {
    /** Pieces of a read may come in any order; that many that do not touch are kept apart. */
    private static final int PIECES_MAX = 4096;

    final short command;
    final long offset;
    final long length;
    final String context;
    final ByteBuffer target;
    final List<BlockStatus> statuses = new ArrayList<>();

    private final TreeMap<Long, Long> pieces = new TreeMap<>();
    private final CountDownLatch completed = new CountDownLatch(1);
    private long filledEnd;
    private IOException failure;

    private NbdRequest(short command, long offset, long length, String context, ByteBuffer target) {
        this.command = command;
        this.offset = offset;
        this.length = length;
        this.context = context;
        this.target = target;
        this.filledEnd = offset;
    }

    /** Reads as many bytes as remain in {@code target}, from its position on. */
    static NbdRequest read(long offset, ByteBuffer target) {
        return new NbdRequest(NbdProtocol.NBD_CMD_READ, offset, target.remaining(), null, target.slice());
    }

    static NbdRequest status(Extent range, String context) {
        return new NbdRequest(NbdProtocol.NBD_CMD_BLOCK_STATUS, range.offset(), range.length(), context, null);
    }

    static NbdRequest plain(short command, long offset, long length) {
        return new NbdRequest(command, offset, length, null, null);
    }

    /** Where bytes of a read go; refuses what was not asked for or came already. */
    ByteBuffer place(long at, long count) throws NbdException {
        if (command != NbdProtocol.NBD_CMD_READ || at < offset || count < 1 || count > length
                || at - offset > length - count) {
            throw new NbdException("%s: %d bytes at %d came that were not asked for".formatted(this, count, at));
        }
        if (at == filledEnd) {
            filledEnd += count;
            if (!pieces.isEmpty()) {
                join();
            }
        } else {
            keep(at, count);
        }
        int start = (int) (at - offset);
        return target.slice(start, (int) count);
    }

    private void keep(long at, long count) throws NbdException {
        Map.Entry<Long, Long> before = pieces.floorEntry(at);
        Map.Entry<Long, Long> after = pieces.ceilingEntry(at);
        if (at < filledEnd || before != null && before.getValue() > at
                || after != null && after.getKey() < at + count) {
            throw new NbdException("%s: %d bytes at %d came twice".formatted(this, count, at));
        }
        if (pieces.size() == PIECES_MAX) {
            throw new NbdException("%s: it came in too many pieces".formatted(this));
        }
        pieces.put(at, at + count);
    }

    private void join() throws NbdException {
        while (!pieces.isEmpty() && pieces.firstKey() <= filledEnd) {
            Map.Entry<Long, Long> first = pieces.pollFirstEntry();
            if (first.getKey() < filledEnd) {
                throw new NbdException("%s: bytes at %d came twice".formatted(this, first.getKey()));
            }
            filledEnd = first.getValue();
        }
    }

    /** The server refused; the first of several reasons is kept. */
    void refused(IOException reason) {
        if (failure == null) {
            failure = reason;
        }
    }

    /** The last reply came: now nothing writes into the target any more. */
    void done() {
        if (failure == null && command == NbdProtocol.NBD_CMD_READ && filledEnd != offset + length) {
            failure = new NbdException(this + ": the server said done before all bytes came");
        }
        completed.countDown();
    }

    /** The connection ended. */
    void lost(IOException reason) {
        refused(reason);
        completed.countDown();
    }

    /** Waits until nothing writes into the target any more; throws when the request failed. */
    void await(Runnable whenInterrupted) throws IOException {
        boolean interrupted = false;
        while (true) {
            try {
                completed.await();
                break;
            } catch (InterruptedException e) {
                // The target belongs to the reader until the request ended, so leaving at once could corrupt whatever
                // the caller does with it next: end the connection, and with it the request.
                interrupted = true;
                whenInterrupted.run();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    @Override
    public String toString() {
        String name = switch (command) {
            case NbdProtocol.NBD_CMD_READ -> "read";
            case NbdProtocol.NBD_CMD_WRITE -> "write";
            case NbdProtocol.NBD_CMD_FLUSH -> "flush";
            case NbdProtocol.NBD_CMD_TRIM -> "trim";
            case NbdProtocol.NBD_CMD_WRITE_ZEROES -> "write zeroes";
            case NbdProtocol.NBD_CMD_BLOCK_STATUS -> "block status " + context;
            default -> "command " + command;
        };
        return "NBD %s at %d of %d bytes".formatted(name, offset, length);
    }
}
