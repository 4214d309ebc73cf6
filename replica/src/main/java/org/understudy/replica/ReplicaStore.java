package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.understudy.disk.BlockDevice;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.LogPosition;

/**
 * Where the disks of one replica lie, with all that its recovery points and branches need: the seam behind which
 * another kind of storage can stand. Journal, promises, holds and retention are the same over every one.
 *
 * <p><b>Threads.</b> What changes something is called by one at a time, which the replica sees to; {@link #instants},
 * {@link #branches} and {@link #damage} by any.
 *
 * <p><b>Durability.</b> A method that changes something returns when that is durable. After a crash at any line the
 * store is opened again and every instant that it told of can still be had.
 *
 * <p><b>Errors.</b> {@link org.understudy.model.FailureException} for what a person is told, {@link IOException} for
 * everything else of the storage; after either the same call may be made again.
 */
interface ReplicaStore extends AutoCloseable {
    /** What not every store can do. */
    enum Ability {
        /** Its branches can have their images in a folder of the host's administrator. */
        PLACES_BRANCHES,
        /** The disks of a committed branch become the VM's own: {@link #handOver}. */
        HANDS_OVER,
        /** Its disks were there before it, and what they held is its first instant. */
        IS_ADOPTED
    }

    /** Whether it has an ability; does not change while it is open. */
    boolean can(Ability ability);

    /**
     * Reads what is there, and sweeps what a crash left half done. REPLICA_CORRUPT when that cannot be explained by
     * {@code state}; then nothing was changed.
     */
    void open(ReplicaState state) throws IOException;

    /**
     * Takes the disks from {@code applied} to {@code next}, with a way back to what was a point; doing it again from
     * any line of a crash gives the same.
     *
     * @param segments the closed segment of each disk at {@code next}
     */
    void apply(ReplicaInstant applied, ReplicaInstant next, Map<DiskName, Path> segments) throws IOException;

    /** Makes the disks what {@code applied} says again, when applying what came after was begun and is given up. */
    void takeBackWhatWasBegun(ReplicaInstant applied) throws IOException;

    /** Whether what the disks hold turned out to be no instant of the VM; told once. */
    boolean lostItsInstant();

    /** A disk as it is now, to look at; open until {@link #release}. */
    BlockDevice disk(DiskName disk) throws IOException;

    /** Lets go of the disks, so that others may read them; the next use opens them again. */
    void release() throws IOException;

    /** The instants before what is applied that can be had back. */
    InstantChain instants();

    /** Forgets instants of a run, in pieces; answers whether a part of the run is left. Every other stays. */
    boolean trim(RetentionPlanner.Run run) throws IOException;

    /** Forgets every instant but what the disks hold. */
    void forgetInstants() throws IOException;

    /** What became of instants that were lost to damage; empty when none was. */
    Optional<Failure> damage();

    /** The branches that are there, complete. */
    List<Branch> branches();

    /**
     * Makes a branch of an instant that is applied, without a copy of the disks; they must not change while it is
     * there.
     *
     * @param applied what the disks hold
     */
    Branch branch(Branches.Wish wish, LogPosition applied) throws IOException;

    /** Notes durably that a VM may be defined on a branch from now on, or takes that back. */
    void give(String branch, boolean given) throws IOException;

    /** Deletes what only the branch has; there need not be one of that name. */
    void removeBranch(String name) throws IOException;

    /**
     * What is left to do until the disks of a branch are its VM's own; empty where the branch cannot be handed over.
     */
    Optional<List<HandOver>> handOver(String branch) throws IOException;

    /** TARGET_STORAGE_FULL where it would take the last room; {@code begun}: where it already has. */
    void requireRoom(HandOver disk, boolean begun) throws IOException;

    /** Does it for one disk whose VM is off, by reading and writing the images here; takes as long as a copy may. */
    void handOverAtRest(HandOver disk) throws IOException;

    /**
     * Ends the branch, whose disks are the VM's own now, and deletes what of the replica's own they do not need any
     * more.
     *
     * @param moved the adopted disks that the VM uses at their own path again, by what its definition says
     */
    void handedOver(String branch, List<DiskName> moved) throws IOException;

    @Override
    void close() throws IOException;
}
