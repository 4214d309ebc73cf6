package org.understudy.agent.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.understudy.capture.BlockTable;
import org.understudy.disk.BlockHasher;
import org.understudy.disk.DurableFile;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;
import org.understudy.replication.HashRequest;

/**
 * The owner of what a source was told of its target's disks: one table of hashes for each, in files of a name that it
 * is given. Tables of another comparison are as good as none. Callers see to it that one thread at a time adds.
 */
final class TargetTables {
    private final Map<DiskName, Path> files = new TreeMap<>();
    private final Map<DiskName, ByteCount> sizes = new TreeMap<>();
    /** How far a table is filled, so that telling a standing opens none. */
    private final Map<DiskName, Filled> known = new TreeMap<>();

    private record Filled(UUID key, long blocks) {}

    TargetTables(Map<DiskName, ByteCount> sizes, Function<DiskName, Path> file) {
        this.sizes.putAll(sizes);
        sizes.keySet().forEach(disk -> files.put(disk, file.apply(disk)));
    }

    /** What to ask next for a comparison at a position; empty when all disks are known. */
    Optional<HashRequest> wanted(UUID key, LogPosition position) throws IOException {
        for (DiskName disk : files.keySet()) {
            long filled = filled(disk, key);
            long left = BlockHasher.blocks(sizes.get(disk).bytes()) - filled;
            if (left > 0) {
                return Optional.of(new HashRequest(
                        position, disk, key, filled, (int) Math.min(left, HashRequest.BLOCKS_MAX)));
            }
        }
        return Optional.empty();
    }

    private long filled(DiskName disk, UUID key) throws IOException {
        Filled before = known.get(disk);
        if (before == null || !before.key().equals(key)) {
            try (BlockTable table = BlockTable.openOrCreate(files.get(disk), key, sizes.get(disk))) {
                known.put(disk, new Filled(key, table.filled()));
            }
        }
        return known.get(disk).blocks();
    }

    /** Adds what was answered to {@link #wanted}; durable when it returns. */
    void add(HashRequest asked, ByteBuffer hashes) throws IOException {
        try (BlockTable table = BlockTable.openOrCreate(files.get(asked.disk()), asked.key(),
                sizes.get(asked.disk()))) {
            table.add(asked.firstBlock(), hashes);
            known.put(asked.disk(), new Filled(asked.key(), table.filled()));
        }
    }

    /** The table of a disk, as far as it is filled; the caller closes it. */
    Optional<BlockTable> open(DiskName disk, UUID key) throws IOException {
        return BlockTable.open(files.get(disk), key, sizes.get(disk));
    }

    /** Deletes all of them. */
    void delete() throws IOException {
        known.clear();
        for (Path file : files.values()) {
            DurableFile.delete(file);
        }
    }
}
