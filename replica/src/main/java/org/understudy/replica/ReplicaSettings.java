package org.understudy.replica;

import java.time.Clock;
import java.util.Objects;
import org.understudy.disk.EmulatorAccount;
import org.understudy.disk.FreeSpace;
import org.understudy.model.ByteCount;

/**
 * What all replicas of an agent share.
 *
 * @param clock tells ages of points; the clocks of both hosts are expected to agree within seconds
 * @param reserve bytes of the replicas' file system that replication never uses
 * @param freeSpace how much is free
 * @param emulator as which account VMs run that start from a replica
 * @param images makes and fills the overlays of branches
 * @param faults a test's hook; {@link FaultPoint#NONE} in production
 */
public record ReplicaSettings(
        Clock clock, ByteCount reserve, SpaceProbe freeSpace, EmulatorProbe emulator, OverlayImages images,
        FaultPoint faults) {
    /** Kept free unless the operator says otherwise. */
    public static final ByteCount USUAL_RESERVE = ByteCount.ofMebibytes(64);

    public ReplicaSettings {
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(reserve, "reserve");
        Objects.requireNonNull(freeSpace, "freeSpace");
        Objects.requireNonNull(emulator, "emulator");
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(faults, "faults");
    }

    /** For production. */
    public static ReplicaSettings usual(Clock clock, EmulatorProbe emulator) {
        return new ReplicaSettings(
                clock, USUAL_RESERVE, FreeSpace::of, emulator, new OverlayImages(), FaultPoint.NONE);
    }

    /** For a copy that is looked at by the user who made it. */
    public static ReplicaSettings usual(Clock clock) {
        return usual(clock, EmulatorAccount::own);
    }
}
