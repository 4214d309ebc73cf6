package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.understudy.model.Consistency;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;

/** What is lost of a replica's folder is not made anew, and what an opening cannot explain it does not delete. */
class ReplicaLossTest {
    @TempDir
    Path folder;

    private ReplicaWorld world;
    private LogPosition newest;

    /** Six points and a seventh in the journal, as a host that was switched off leaves them. */
    @BeforeEach
    void makeWorld() throws IOException {
        world = ReplicaWorld.keepingAll(folder, 31);
        for (int i = 0; i < 6; i++) {
            world.cycle(Consistency.CRASH);
        }
        newest = world.capture(Consistency.CRASH);
        world.ship(newest);
        world.catalog().close();
    }

    @AfterEach
    void closeWorld() throws IOException {
        world.close();
    }

    private ReplicaCatalog open() throws IOException {
        return ReplicaCatalog.open(world.root, ReplicaSettings.usual(world.clock));
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(world.home())) {
            return new TreeSet<>(all.map(path -> world.home().relativize(path).toString()).toList());
        }
    }

    private void isToldAndNotOpened(Path home, String... facts) throws IOException {
        Set<String> before = files();
        try (ReplicaCatalog catalog = open()) {
            assertThat(catalog.find(world.spec.relationship())).isEmpty();
            assertThat(catalog.unreadable().get(home.toRealPath())).contains(facts);
            assertThatExceptionOfType(FailureException.class).isThrownBy(() -> catalog.create(world.spec))
                    .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.REPLICA_CORRUPT));
        }
        assertThat(files()).isEqualTo(before);
    }

    private static List<LogPosition> points(Replica replica) {
        return replica.points().newestFirst().stream().map(RecoveryPoint::position).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.json", "replica.json", "vdb.raw"})
    void deletesNothingWhenAFileIsMissing(String missing) throws IOException {
        Files.delete(world.home().resolve(missing));
        isToldAndNotOpened(world.home(), missing);
    }

    @Test
    void closesTheFoldersOfTheFirstVersionAndNobodyElses() throws IOException {
        Path foreign = Files.createDirectories(world.root.resolve("iso/debian"));
        Path image = Files.writeString(foreign.resolve("dvd.iso"), "x");
        for (Path folder : List.of(foreign.getParent(), foreign, world.home(), world.home().resolve("undo"))) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        for (Path file : List.of(image, world.home().resolve("vda.raw"))) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        }
        open().close();
        assertThat(permissions(image)).isEqualTo("rw-r--r--");
        assertThat(permissions(foreign)).isEqualTo("rwxr-xr-x");
        assertThat(permissions(world.home().resolve("vda.raw"))).isEqualTo("rw-------");
        assertThat(permissions(world.home().resolve("undo"))).isIn("rwx------", "rwx--x--x");
        assertThat(permissions(world.home())).isEqualTo("rwx--x--x");
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void opensAReplicaThatWasMovedToAnotherDiskBehindALink() throws IOException {
        Path moved = Files.createDirectory(folder.resolve("other")).resolve(world.home().getFileName());
        Files.move(world.home(), moved);
        Files.createSymbolicLink(world.home(), moved);
        try (ReplicaCatalog catalog = open()) {
            Replica replica = catalog.find(world.spec.relationship()).orElseThrow();
            replica.branch(points(replica).getFirst(), "test", Branch.Purpose.TEST);
            assertThat(moved.resolve("branches/test")).isDirectory();
        }
    }

    @Test
    void keepsTheDisksStillWhenTheBranchesAreMissing() throws IOException {
        Files.delete(world.home().resolve("branches"));
        isToldAndNotOpened(world.home(), "branches");
    }

    @Test
    void keepsTheDisksStillWhenABranchHasLostItsRecord() throws IOException {
        Files.createDirectory(world.home().resolve("branches/test"));
        isToldAndNotOpened(world.home(), "branches/test", "branch.json");
    }

    @Test
    void isNotOpenedWithAStateOfAnEarlierDay() throws IOException {
        Path state = world.home().resolve("state.json");
        ReplicaState now = ReplicaJson.read(state, ReplicaState.class).orElseThrow();
        ReplicaInstant three = new ReplicaInstant(
                new LogPosition(1, 3), world.clock.instant(), Consistency.CRASH);
        ReplicaJson.write(state, new ReplicaState(three, now.covered(), three, false, false, new TreeSet<>()));
        isToldAndNotOpened(world.home(), "older than");
    }

    @Test
    void tellsOfPointsWhoseUndoLogsAreGoneAndDeletesNoOther() throws IOException {
        FolderTree.delete(world.home().resolve("undo/1-4_1-3"));
        Set<String> before = files();
        try (ReplicaCatalog catalog = open()) {
            Replica replica = catalog.find(world.spec.relationship()).orElseThrow();
            assertThat(points(replica)).containsExactly(newest, new LogPosition(1, 6), new LogPosition(1, 5),
                    new LogPosition(1, 4));
            assertThat(replica.report().trouble().orElseThrow().message())
                    .contains("up to 1-2", "missing", world.home().toRealPath().toString());
            assertThat(files()).isEqualTo(before);
            replica.applyPending();
            assertThat(points(replica)).hasSize(4);
        }
    }

    @Test
    void tellsOfPointsWhenTheFolderOfUndoLogsIsGone() throws IOException {
        FolderTree.delete(world.home().resolve("undo"));
        try (ReplicaCatalog catalog = open()) {
            Replica replica = catalog.find(world.spec.relationship()).orElseThrow();
            assertThat(replica.report().trouble().orElseThrow().code()).isEqualTo(FailureCode.REPLICA_CORRUPT);
            // Whether an apply was interrupted cannot be known any more: what the disks hold is no point.
            assertThat(points(replica)).containsExactly(newest);
            replica.applyPending();
            assertThat(points(replica)).containsExactly(newest);
        }
    }

    @Test
    void tellsOfAJournalThatIsGone() throws IOException {
        FolderTree.delete(world.home().resolve("journal"));
        try (ReplicaCatalog catalog = open()) {
            Replica replica = catalog.find(world.spec.relationship()).orElseThrow();
            assertThatExceptionOfType(FailureException.class).isThrownBy(replica::applyPending)
                    .satisfies(e -> assertThat(e.failure().code()).isEqualTo(FailureCode.RESYNCHRONIZATION_REQUIRED));
            assertThat(points(replica)).hasSize(6).doesNotContain(newest);
        }
    }

    @Test
    void leavesWhatOthersPutIntoItsFolders() throws IOException {
        for (String name : List.of("journal/notes.txt", "journal/notes.filling", "undo/notes.dropped",
                "../somebodys.filling")) {
            Files.writeString(world.home().resolve(name), "mine");
        }
        try (ReplicaCatalog catalog = open()) {
            Replica replica = catalog.find(world.spec.relationship()).orElseThrow();
            replica.applyPending();
            replica.branch(newest, "f", Branch.Purpose.FAILOVER);
            replica.commit();
        }
        assertThat(files()).contains("journal/notes.txt", "journal/notes.filling", "undo/notes.dropped")
                .noneMatch(name -> name.endsWith(".hrl") || name.endsWith(".hru"));
        assertThat(world.root.resolve("somebodys.filling")).exists();
    }

    @Test
    void opensAReplicaOfTheFirstVersionThatHasReceivedNothing() throws IOException {
        try (ReplicaWorld fresh = ReplicaWorld.keepingAll(folder.resolve("fresh"), 5)) {
            fresh.catalog().close();
            for (String made : List.of("state.json", "journal", "undo", "branches")) {
                Files.delete(fresh.home().resolve(made));
            }
            fresh.reopen();
            LogPosition one = fresh.cycle(Consistency.CRASH);
            assertThat(points(fresh.replica())).containsExactly(one);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".bak", " (copy)", ".2026-11-01"})
    void usesNoCopyOfAReplicasFolder(String suffix) throws IOException, InterruptedException {
        Path copy = world.root.resolve(world.spec.item() + suffix);
        assertThat(new ProcessBuilder("cp", "-a", world.home().toString(), copy.toString()).start().waitFor())
                .isZero();
        world.reopen();
        for (int i = 0; i < 3; i++) {
            newest = world.cycle(Consistency.CRASH);
        }
        world.catalog().close();
        byte[] copied = Files.readAllBytes(copy.resolve("vda.raw"));
        try (ReplicaCatalog catalog = open()) {
            assertThat(catalog.find(world.spec.relationship()).orElseThrow().report().acknowledged()).isEqualTo(newest);
            assertThat(catalog.unreadable().get(copy.toRealPath())).contains(copy.toRealPath().toString());
            catalog.remove(world.spec.relationship());
            assertThat(world.home()).doesNotExist();
        }
        assertThat(Arrays.equals(Files.readAllBytes(copy.resolve("vda.raw")), copied)).isTrue();
    }
}
