package org.understudy.replication;

import java.io.IOException;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/**
 * One source's session with one replica, used by one thread. Any method may throw {@link FailureException}, which ends
 * the session and reaches the source as it is: {@code TARGET_STORAGE_FULL}, {@code CHANGE_LOG_CORRUPT},
 * {@code REPLICA_FENCED}. An {@link IOException} reaches it as {@code TARGET_IO_FAILED}.
 */
public interface ReplicaSession extends AutoCloseable {
    /** Where the replica stands now, durably. */
    TargetStanding standing() throws IOException;

    /** Begins or continues a segment; what is held of another capture of it is dropped before. */
    SegmentReceiver receive(SegmentOffer offer) throws IOException;

    /** Keeps how the VM is defined from the position on that is acknowledged next; durable when it returns. */
    void define(LogPosition position, String machineDefinition) throws IOException;

    /**
     * What the machine keeps, as far as the replica was told, at the position that it acknowledged when the session was
     * opened; {@link StateDigest#OF_NONE} where it was told of nothing.
     */
    StateDigest keptState() throws IOException;

    /** Keeps what the machine keeps from the position on that is acknowledged next; durable when it returns. */
    void keep(LogPosition position, MachineState state) throws IOException;

    /** Acknowledges a position durably; refuses when a disk's segment is not durable. Repeating it is harmless. */
    void acknowledge(LogPosition position) throws IOException;

    /**
     * Gives up the damaged part of what was acknowledged, all of it after {@code position}, durably; refuses any other
     * position than {@link TargetStanding#wholeUpTo} tells. Repeating it is harmless.
     */
    void goBackTo(LogPosition position) throws IOException;

    /**
     * What the disks hold in the blocks that are asked for: just as many hashes, or that this is not the moment.
     * Refuses a disk or blocks that the replica does not have. Changes nothing.
     */
    HashAnswer hashes(HashRequest request) throws IOException;

    /** Ends the session; what was received and is whole stays held. */
    @Override
    void close() throws IOException;
}
