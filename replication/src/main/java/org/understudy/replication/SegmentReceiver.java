package org.understudy.replication;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The place where the bytes of one segment arrive, in order, in pieces of any size. */
public interface SegmentReceiver extends AutoCloseable {
    /** Takes the next bytes; all of them are taken when it returns, and the buffer is the caller's again. */
    void accept(ByteBuffer bytes) throws IOException;

    /** All bytes came: verifies the segment as a whole and returns when it is durable with its directory entry. */
    void durable() throws IOException;

    /** Lets go; without {@link #durable} before it, the whole frames received stay held for the next session. */
    @Override
    void close() throws IOException;
}
