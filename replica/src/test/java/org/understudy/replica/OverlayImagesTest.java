package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.disk.HostProgram;

/** What an overlay says of its writes goes down with them, and nothing is said where its QEMU died. */
class OverlayImagesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String BITMAP = "understudy-base";

    @TempDir
    private Path folder;
    private Path below;
    private Path overlay;
    private final OverlayImages images = new OverlayImages();

    @BeforeEach
    void lay() throws IOException {
        below = folder.resolve("below.qcow2");
        overlay = folder.resolve("overlay.qcow2");
        run("qemu-img", "create", "-q", "-f", "qcow2", below.toString(), "8M");
        run("qemu-img", "create", "-q", "-f", "qcow2", "-b", below.toString(), "-F", "qcow2", overlay.toString());
        images.track(overlay, BITMAP);
    }

    private void commit() throws IOException {
        images.commit(overlay, new AdoptedImage(below, "qcow2"));
    }

    private static void run(String... command) throws IOException {
        HostProgram.Answer answer = HostProgram.run(PATIENCE, List.of(command));
        assertThat(answer.succeeded()).as(answer.words()).isTrue();
    }

    /** As a VM whose QEMU is killed. */
    private void dieWithItOpen() throws IOException, InterruptedException {
        Path socket = folder.resolve("s");
        Process died = new ProcessBuilder("qemu-nbd", "--persistent", "--format", "qcow2", "--socket",
                socket.toString(), overlay.toString()).start();
        try {
            while (ImageFacts.of(overlay, "qcow2").torn().isEmpty()) {
                assertThat(died.isAlive()).isTrue();
            }
        } finally {
            died.destroyForcibly().waitFor();
        }
        assertThat(ImageFacts.of(overlay, "qcow2").torn()).containsExactly(BITMAP);
    }

    @Test
    void whatWasNotedGoesDown() throws IOException {
        commit();
        assertThat(ImageFacts.of(below, "qcow2").bitmaps()).containsExactly(BITMAP);
    }

    @Test
    void goesDownWithoutWhatNobodyKnowsAnyMore() throws IOException, InterruptedException {
        dieWithItOpen();
        commit();
        assertThat(ImageFacts.of(below, "qcow2").bitmaps()).as("it would say that nothing was written").isEmpty();
    }

    @Test
    void takesAwayWhatAnEarlierAttemptHadBegun() throws IOException, InterruptedException {
        images.track(below, BITMAP);
        dieWithItOpen();
        commit();
        assertThat(ImageFacts.of(below, "qcow2").bitmaps()).isEmpty();
        assertThat(ImageFacts.of(below, "qcow2").torn()).isEmpty();
    }
}
