package org.understudy.agent.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.understudy.command.AgentCommand.TargetAddress;
import org.understudy.command.ReplicationSettings;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;

/** The real source of a VM in memory, with its logs and its state on a real file system. */
final class SourceInMemory implements AutoCloseable {
    static final RelationshipId ID = RelationshipId.first(ItemId.random());
    private static final HostId SELF = HostId.random();

    final HostInMemory host;
    final Path logs;
    private final Path agent;
    private final CycleCapture cycles = new CycleCapture(ByteCount.ofMebibytes(2));
    private LibvirtSourceEnd source;

    SourceInMemory(Path folder) throws IOException {
        Path images = Files.createDirectories(folder.resolve("images"));
        agent = Files.createDirectories(folder.resolve("agent"));
        logs = images.resolve(".understudy-" + ID.folderName());
        VmId vm = VmId.random();
        host = new HostInMemory(vm, images);
        Map<DiskName, Relationship.SourceDisk> disks = new TreeMap<>();
        for (DiskName disk : HostInMemory.DISKS) {
            // Where an image lies is looked up on the file system; what it holds is in memory.
            Files.createFile(images.resolve(disk + ".qcow2"));
            disks.put(disk, new Relationship.SourceDisk(new ByteCount(HostInMemory.SIZE), images.toString()));
        }
        new RelationshipStore(agent).begin(new Relationship(ID.item(), ID.generation(), vm, disks,
                new TargetAddress(HostId.random(), "10.0.0.2", 8084),
                new ReplicationSettings(Duration.ofSeconds(1), true)));
        restart();
    }

    /** As after the death of the agent: all that is known stands on the disk. */
    void restart() throws IOException {
        RelationshipStore store = new RelationshipStore(agent);
        source = new LibvirtSourceEnd(
                store.find(ID).orElseThrow(), host, store, SourceDisks::new, cycles, SELF);
    }

    LibvirtSourceEnd source() {
        return source;
    }

    @Override
    public void close() {
        cycles.close();
    }
}
