package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.command.AgentCommand.TargetAddress;
import org.understudy.command.ReplicationSettings;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/** What an item leaves beside its disks. */
class SourceDisksTest {
    private static final ItemId ITEM = ItemId.random();

    @TempDir
    Path folder;

    private static SourceDisks disksAt(Path now, Path before) {
        return new SourceDisks(new Relationship(ITEM, 1, VmId.random(),
                Map.of(new DiskName("vda"), new Relationship.SourceDisk(
                        ByteCount.ofMebibytes(64), now.toString(), List.of(before.toString()))),
                new TargetAddress(HostId.random(), "10.0.0.2", 8084),
                new ReplicationSettings(Duration.ofSeconds(1), true)));
    }

    private static Path ours(Path images) {
        return images.resolve(".understudy-" + ITEM);
    }

    @Test
    void keepsTheFolderOfACycleThatBeginsUnderAnotherNameOfIt() throws IOException {
        Path images = Files.createDirectory(folder.resolve("images"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), images);
        SourceDisks disks = disksAt(images, link);
        disks.request("understudy-1", Optional.empty());
        disks.deleteEarlierFolders();
        assertThat(ours(images)).isDirectory();
    }

    @Test
    void deletesItsEmptyFolderWhereADiskWasBefore() throws IOException {
        Path images = Files.createDirectory(folder.resolve("images"));
        Path before = Files.createDirectory(folder.resolve("before"));
        Files.createDirectory(ours(before));
        SourceDisks disks = disksAt(images, before);
        disks.request("understudy-1", Optional.empty());
        disks.deleteEarlierFolders();
        assertThat(ours(before)).doesNotExist();
        assertThat(ours(images)).isDirectory();
    }
}
