package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.understudy.lab.GuestRecords;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.RelationshipId;
import org.understudy.replica.Branch;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaSettings;

/**
 * A copy of a stopped agent's replicas, opened by the product's own code, so that each recovery point can be made into
 * plain files and looked at. What is asked of it changes nothing at the host.
 */
final class CopiedReplicas implements AutoCloseable {
    private final Path scratch;
    private final ReplicaCatalog catalog;

    private CopiedReplicas(Path scratch, ReplicaCatalog catalog) {
        this.scratch = scratch;
        this.catalog = catalog;
    }

    /**
     * Copies.
     *
     * @param replicas the folder of the stopped agent, as this machine sees it
     * @param scratch an empty folder; as much as the replicas hold is needed, and the size of the disks twice
     */
    static CopiedReplicas of(Path replicas, Path scratch) throws IOException {
        Path copy = scratch.resolve("replicas");
        Program.output("cp", "-a", "--sparse=always", "--reflink=auto", replicas.toString(), copy.toString());
        return new CopiedReplicas(scratch, ReplicaCatalog.open(copy, ReplicaSettings.usual(Clock.systemUTC())));
    }

    /** The replica of an item that was never reversed, with all that was acknowledged applied. */
    Replica replica(ItemId item) throws IOException {
        assertThat(catalog.unreadable()).isEmpty();
        Replica replica = catalog.find(RelationshipId.first(item)).orElseThrow();
        while (replica.applyPending() > 0) {
            // One call may leave what came meanwhile; nothing comes here.
        }
        return replica;
    }

    /** The raw disks of a point; gone when the next point is asked for. */
    PointDisks disks(Replica replica, RecoveryPoint point) throws IOException {
        String name = "look-" + point.position();
        Branch branch = replica.branch(point.position(), name, Branch.Purpose.TEST);
        Map<DiskName, Path> raw = new TreeMap<>();
        for (Map.Entry<DiskName, Path> disk : branch.disks().entrySet()) {
            Path file = scratch.resolve(disk.getKey() + ".raw");
            Files.deleteIfExists(file);
            Program.output("qemu-img", "convert", "-f", "qcow2", "-O", "raw", disk.getValue().toString(),
                    file.toString());
            raw.put(disk.getKey(), file);
        }
        replica.removeBranch(name);
        return new PointDisks(raw);
    }

    /** The disks of one point as raw files. */
    record PointDisks(Map<DiskName, Path> raw) {
        /** The SHA-256 of each. */
        Map<DiskName, String> hashes() throws IOException {
            Map<DiskName, String> hashes = new TreeMap<>();
            for (Map.Entry<DiskName, Path> disk : raw.entrySet()) {
                hashes.put(disk.getKey(), DiskHash.ofRaw(disk.getValue()));
            }
            return hashes;
        }

        /** The guest's records; its disks are in the order of their names. */
        GuestRecords records() throws IOException {
            List<Path> disks = List.copyOf(raw.values());
            return GuestRecords.read(disks.get(0), disks.get(1));
        }
    }

    @Override
    public void close() throws IOException {
        catalog.close();
    }
}
