package org.understudy.agent.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.replica.Replica;

/** Where disks of a failover lie; a place that does not take them stops none. */
class ImageFolderTest {
    @TempDir
    private Path folder;

    @Test
    void takesTheFolderOfTheAdministratorAndLeavesNothingThere() throws IOException {
        try (LocalTarget target = new LocalTarget(folder.resolve("t"))) {
            target.cycle("52:54:00:00:00:01");
            assertThat(new ImageFolder(folder).of(target.catalog().all().getFirst()).folder()).contains(folder);
        }
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all.map(file -> file.getFileName().toString()).filter(name -> name.startsWith("."))).isEmpty();
        }
    }

    @Test
    void goesToTheReplicasFolderWhereImagesCannotBeMade() throws IOException {
        try (LocalTarget target = new LocalTarget(folder.resolve("t"))) {
            target.cycle("52:54:00:00:00:01");
            Replica replica = target.catalog().all().getFirst();
            // Nobody makes a file there, root neither.
            assertThat(new ImageFolder(Path.of("/proc")).of(replica).folder()).isEmpty();
            assertThat(new ImageFolder(folder.resolve("none")).of(replica).folder()).isEmpty();
        }
    }
}
