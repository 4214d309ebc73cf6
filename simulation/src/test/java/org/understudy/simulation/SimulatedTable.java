package org.understudy.simulation;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;

/** What a simulated source was told of its target's blocks, for one covering. */
final class SimulatedTable {
    private static final int BLOCKS_AT_ONCE = 2;
    private static final int REFUSED_MAX = 20;

    private final Optional<UUID> key;
    private final Map<DiskName, Integer> filled = new HashMap<>();
    private final Map<DiskName, byte[]> hashes = new HashMap<>();
    private int refused;
    private boolean over;
    private long equal;

    private SimulatedTable(Optional<UUID> key) {
        this.key = key;
        this.over = key.isEmpty();
        for (DiskName disk : SimulatedSource.DISKS) {
            filled.put(disk, 0);
            hashes.put(disk, new byte[SimulatedDisks.BLOCKS * HashAnswer.HASH_BYTES]);
        }
    }

    static SimulatedTable none() {
        return new SimulatedTable(Optional.empty());
    }

    static SimulatedTable drawn(Random random) {
        return new SimulatedTable(Optional.of(new UUID(random.nextLong(), random.nextLong())));
    }

    boolean isFilled() {
        return key.isPresent() && filled.values().stream().allMatch(blocks -> blocks == SimulatedDisks.BLOCKS);
    }

    Optional<HashRequest> wanted(LogPosition position) {
        if (over || isFilled()) {
            return Optional.empty();
        }
        return SimulatedSource.DISKS.stream().filter(disk -> filled.get(disk) < SimulatedDisks.BLOCKS).findFirst()
                .map(disk -> new HashRequest(position, disk, key.orElseThrow(), filled.get(disk), BLOCKS_AT_ONCE));
    }

    void take(HashRequest request, HashAnswer answer) {
        switch (answer) {
            case HashAnswer.Hashes(ByteBuffer told) -> {
                told.duplicate().get(hashes.get(request.disk()), (int) request.firstBlock() * HashAnswer.HASH_BYTES,
                        told.remaining());
                filled.merge(request.disk(), request.blocks(), Integer::sum);
            }
            case HashAnswer.NotNow _ -> over = ++refused >= REFUSED_MAX;
            case HashAnswer.NeverHeardOf _ -> over = true;
        }
    }

    boolean isEqual(DiskName disk, int block, long content) {
        if (key.isEmpty() || block >= filled.get(disk)) {
            return false;
        }
        int at = block * HashAnswer.HASH_BYTES;
        byte[] known = Arrays.copyOfRange(hashes.get(disk), at, at + HashAnswer.HASH_BYTES);
        boolean isEqual = Arrays.equals(known, SimulatedDisks.hash(key.get(), content));
        equal += isEqual ? 1 : 0;
        return isEqual;
    }

    /** How many blocks were found equal. */
    long equal() {
        return equal;
    }
}
