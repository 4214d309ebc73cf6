package org.understudy.replication;

import java.io.IOException;
import java.util.Optional;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/**
 * One connected session with the target of one item. It is used by one thread, except {@link #close} and {@link #sent},
 * which any thread may call. After an exception it is over: close it and dial again.
 *
 * <p>A refusal or a trouble that the target names is a {@link FailureException}; a lost link is an {@link IOException}.
 */
public interface TargetEnd extends AutoCloseable {
    /** Where the target stands, as it said in this session; fails when the session is known to be lost. */
    TargetStanding standing() throws IOException;

    /** Sends a segment of the position after the acknowledged one; returns when the target said that it is durable. */
    void ship(Segment segment, long fromOffset) throws IOException;

    /**
     * Tells how the VM is defined from the position on that is acknowledged next; durable there before it is
     * acknowledged.
     */
    void define(LogPosition position, String machineDefinition) throws IOException;

    /**
     * What the target has as the machine's state at the position that it had acknowledged when this session was opened;
     * empty when it does not say so.
     */
    Optional<StateDigest> keptState();

    /**
     * Tells what the machine keeps from the position on that is acknowledged next; durable there before it is
     * acknowledged. A target of an earlier version keeps none of it.
     */
    void keep(LogPosition position, MachineState state) throws IOException;

    /** Asks the target to acknowledge a position all of whose segments are durable; returns when it did, durably. */
    void acknowledge(LogPosition position) throws IOException;

    /**
     * Gives up what the target acknowledged after {@code position}, up to which {@link TargetStanding#wholeUpTo} says
     * that it is whole; returns when it did, durably. Never undoes what is whole.
     */
    void goBackTo(LogPosition position) throws IOException;

    /** What the target holds of some blocks; the answer to the request, of just so many hashes as it asks for. */
    HashAnswer hashes(HashRequest request) throws IOException;

    /** Bytes put on the wire in this session. */
    ByteCount sent();

    /** Ends the session at once, also while another thread ships in it. Never blocks on the network. */
    @Override
    void close();
}
