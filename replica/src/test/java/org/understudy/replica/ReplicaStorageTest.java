package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.disk.FreeSpace;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;

/** What a target says of its storage before it takes a replica, and what it leaves when a replica goes. */
class ReplicaStorageTest {
    private static final DiskName VDC = new DiskName("vdc");

    @TempDir
    Path folder;

    private static ReplicaSpec spec(ByteCount size) {
        return new ReplicaSpec(ItemId.random(), 1, VmId.random(), "archive", HostId.random(),
                List.of(new ReplicaDisk(VDC, size)), new Retention(24, Duration.ofHours(1)));
    }

    private static StorageFit fit(long size, long used, long free, OptionalLong files) {
        return new StorageFit(Path.of("/replicas"), List.of(new ReplicaDisk(VDC, new ByteCount(size))),
                Optional.of(new ByteCount(used)), new ByteCount(free), files, new ByteCount(1000));
    }

    @Test
    void saysOfAReplicaWhetherItFits() {
        assertThat(fit(100, 50, 100, OptionalLong.empty()).obstacles()).isEmpty();
        assertThat(fit(100, 50, 100, OptionalLong.of(1_000_000)).warnings()).isEmpty();
        assertThat(fit(101, 50, 100, OptionalLong.empty()).warnings()).singleElement().asString()
                .contains("/replicas", "101 B", "100 B");
        assertThat(fit(200, 101, 100, OptionalLong.empty()).obstacles()).singleElement().asString()
                .contains("101 B", "100 B");
        assertThat(fit(1001, 50, 2000, OptionalLong.empty()).obstacles()).singleElement().asString()
                .contains("vdc", "1001 B", "1000 B at most");
        assertThat(fit(100, 50, 100, OptionalLong.of(3)).obstacles()).singleElement().asString()
                .contains("3 inodes");
    }

    @Test
    void looksAtTheFileSystemAndLeavesNothingThere() throws IOException {
        try (ReplicaCatalog catalog = ReplicaCatalog.open(folder, ReplicaSettings.usual(new SteppedClock()))) {
            StorageFit fit = catalog.fit(spec(ByteCount.ofMebibytes(1)).disks(), Optional.empty());
            assertThat(fit.obstacles()).isEmpty();
            assertThat(fit.free().bytes()).isPositive();
            assertThat(fit.largestFile()).isGreaterThan(ByteCount.ofGibibytes(16));
            try (var entries = Files.list(folder)) {
                assertThat(entries).extracting(Path::getFileName).extracting(Path::toString)
                        .containsExactly("replicas.lock");
            }
        }
    }

    /** 17 TiB on ext4, or more than any file system has: the machine's own limit stands for both. */
    @Test
    void refusesADiskThatIsLargerThanAFileCanBe() throws IOException {
        ReplicaSpec spec = spec(new ByteCount(Long.MAX_VALUE / 512 * 512));
        try (ReplicaCatalog catalog = ReplicaCatalog.open(folder, ReplicaSettings.usual(new SteppedClock()))) {
            // A file system in memory has no limit but that of a number.
            assumeThat(FreeSpace.largestFile(folder)).isLessThan(ByteCount.ofGibibytes(1L << 32));
            assertThatExceptionOfType(FailureException.class).isThrownBy(() -> catalog.create(spec)).satisfies(e -> {
                assertThat(e.failure().code()).isEqualTo(FailureCode.VM_CANNOT_BE_PROTECTED);
                assertThat(e.failure().message()).contains("archive", "vdc", folder.toRealPath().toString(), "at most");
                assertThat(e.failure().recommendedAction()).contains("XFS");
            });
            assertThat(folder.resolve(spec.item() + ".filling")).doesNotExist();
        }
    }

    @Test
    void listsAllThatLiesInItsFolderWithWhatItTakes() throws IOException {
        try (ReplicaWorld world = ReplicaWorld.keepingAll(folder, 62)) {
            for (int i = 0; i < 3; i++) {
                world.cycle(Consistency.CRASH);
            }
            Path other = Files.createDirectory(world.root.resolve("somebodys"));
            Files.write(other.resolve("file"), new byte[300_000]);
            Holding mine = world.catalog().holdings().stream()
                    .filter(holding -> holding.folder().endsWith(world.spec.item().toString()))
                    .findFirst().orElseThrow();
            assertThat(mine.use()).isEqualTo(Holding.Use.REPLICATES);
            assertThat(mine.spec()).contains(world.spec);
            assertThat(mine.bytes().bytes()).isBetween(100_000L, 20_000_000L);
            world.replica().fence();
            assertThat(world.catalog().holdings()).extracting(Holding::use)
                    .containsExactlyInAnyOrder(Holding.Use.FAILED_OVER, Holding.Use.UNUSED);
            assertThat(world.catalog().holdings()).filteredOn(holding -> holding.use() == Holding.Use.UNUSED)
                    .singleElement().satisfies(holding -> {
                        assertThat(holding.bytes().bytes()).isBetween(300_000L, 310_000L);
                        assertThat(holding.spec()).isEmpty();
                        assertThat(holding.problem()).isPresent();
                    });
        }
    }

    @Test
    void removesWhatWasNeverFinishedAndWhatCannotBeOpened() throws IOException {
        try (ReplicaWorld world = ReplicaWorld.keepingAll(folder, 61)) {
            world.cycle(Consistency.CRASH);
            world.catalog().close();
            Files.delete(world.home().resolve("state.json"));
            ItemId other = ItemId.random();
            try (ReplicaCatalog catalog = ReplicaCatalog.open(world.root, ReplicaSettings.usual(world.clock))) {
                Path filling = Files.createDirectory(world.root.resolve(other + ".filling"));
                catalog.remove(RelationshipId.first(other));
                assertThat(filling).doesNotExist();
                Path branch = Files.createDirectory(world.home().resolve("branches/failover"));
                assertThatExceptionOfType(FailureException.class).isThrownBy(
                        () -> catalog.remove(world.spec.relationship()))
                        .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.IN_USE));
                assertThat(world.rawFile(ReplicaWorld.VDA)).exists();
                Files.delete(branch);
                catalog.remove(world.spec.relationship());
                assertThat(world.home()).doesNotExist();
                assertThat(catalog.unreadable()).isEmpty();
            }
        }
    }
}
