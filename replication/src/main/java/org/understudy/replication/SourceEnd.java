package org.understudy.replication;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/**
 * The source host's side of one protected item: captures cycles and keeps their logs until the target has them.
 *
 * <p>Called by the two loops of one {@link ReplicationDriver} at once: one calls {@link #capture}, the other
 * {@link #segments} and {@link #acknowledged}; both call {@link #standing}, which must answer at once, also while a
 * capture runs. When the driver stops it interrupts both threads; a call that is interrupted ends soon with any
 * {@link IOException} and leaves nothing half believed: the cycle is planned again from the standing.
 *
 * <p>Every method may throw {@link FailureException}; what provably cannot pass by itself halts its loop
 * ({@link LoopTurn}), everything else is tried again. An {@link IOException} is tried again as
 * {@code SOURCE_IO_FAILED}.
 */
public interface SourceEnd {
    /**
     * Ends what an earlier process, or a cycle that failed, left open on the VM, so that no guest pays for it. Called
     * by the capture loop before its first cycle and after each that failed, whatever halts shipping; twice is fine.
     */
    void recover() throws IOException;

    /**
     * The target told where it stands, and that fits: what an earlier process left and no cycle needs may be deleted
     * from now on. Said once a turn; until it was said, the source deletes nothing that it did not make itself.
     */
    void met();

    /** Where the source stands; what it says is durable. */
    SourceStanding standing() throws IOException;

    /**
     * Runs one cycle: all disks at one instant, their logs closed and forced, then {@code captured} moved to its next,
     * durably, before it returns. When it turns out that nobody knows what changed, it captures nothing and returns:
     * the standing then tells {@link Loss.OfChanges}. A cycle during which the chain was taken back does not count.
     */
    void capture() throws IOException, InterruptedException;

    /**
     * From the next cycle on every disk is covered anew, over what the target holds, in the same chain; durable when it
     * returns, and the loss is dealt with.
     */
    void coverAnew(String reason) throws IOException;

    /**
     * The target answered what the standing wanted to know. Durable when it returns, so that a comparison goes on where
     * it stood; an answer to a question that is not asked any more changes nothing. A source that was told
     * {@link HashAnswer.NotNow} for too long does without, and so it does after {@link HashAnswer.NeverHeardOf}.
     *
     * <p>What a target tells decides what it is sent and nothing else: one that lies has a wrong copy, its own.
     */
    void compared(HashRequest request, HashAnswer answer) throws IOException;

    /**
     * The chain goes on from {@code position}, which the target holds and which may lie before or after anything this
     * source knows of; durable when it returns. What waits is given up. Where the source does not know what changed
     * since, it covers every disk anew. Repeating it is harmless.
     */
    void goBackTo(LogPosition position, String reason) throws IOException;

    /**
     * The segments of a captured position that is not acknowledged, one per disk, in the order of their disks. Any
     * other position, and one whose logs are gone or damaged, is refused with a {@link FailureException} of
     * {@code CHANGE_LOG_CORRUPT}; of a position that waits, the standing then tells {@link Loss.OfLogs}.
     */
    List<Segment> segments(LogPosition position) throws IOException;

    /** The target holds everything up to {@code position}: durable when it returns, then those logs may go. */
    void acknowledged(LogPosition position) throws IOException;

    /**
     * The VM's definition at a captured position, as the target needs it to start the VM from there when source and
     * vault are dead; 256 KiB at most.
     */
    String machineDefinition(LogPosition position) throws IOException;

    /**
     * What the VM keeps beside its disks at a captured position: {@link MachineState#NONE} where that is nothing, or
     * nobody knows. Empty when it is what {@code told} names, so that nothing is read for it.
     */
    Optional<MachineState> machineState(LogPosition position, Optional<StateDigest> told) throws IOException;
}
