package org.understudy.nbd;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.disk.CaptureDisk;
import org.understudy.disk.CaptureDiskContract;
import org.understudy.nbd.BlockStatus;
import org.understudy.nbd.NbdDevice;
import org.understudy.nbd.NbdServerProcess;

/** What QEMU's own server shows of an image with its bitmaps. */
class NbdCaptureDiskTest extends CaptureDiskContract {
    @TempDir
    private Path folder;

    private final List<NbdServerProcess> servers = new ArrayList<>();
    private Path image;
    private int points;

    @BeforeEach
    void makeImage() throws IOException {
        image = folder.resolve("disk.qcow2");
        NbdServerProcess.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), Integer.toString(SIZE));
    }

    @AfterEach
    void end() throws IOException {
        for (NbdServerProcess server : servers) {
            server.close();
        }
    }

    @Override
    protected void write(long offset, byte[] bytes) throws IOException {
        try (NbdServerProcess server = NbdServerProcess.qemu(image, "qcow2"); NbdDevice device = server.connect()) {
            device.write(offset, ByteBuffer.wrap(bytes));
        }
    }

    /** A copy of the image is the point: a server that stands still. */
    @Override
    protected CaptureDisk point() throws IOException {
        Path copy = folder.resolve("point-" + points + ".qcow2");
        Files.copy(image, copy);
        List<String> options = new ArrayList<>(List.of("-r"));
        Optional<String> bitmap = points == 0 ? Optional.empty() : Optional.of("b" + points);
        bitmap.ifPresent(name -> options.addAll(List.of("-B", name)));
        points++;
        NbdServerProcess.run("qemu-img", "bitmap", "--add", image.toString(), "b" + points);
        NbdServerProcess server = NbdServerProcess.qemu(copy, "qcow2", options.toArray(new String[0]));
        servers.add(server);
        return NbdCaptureDisk.connect(server.socket(), "", bitmap.map(name -> BlockStatus.DIRTY_BITMAP_PREFIX + name));
    }

    @Test
    void refusesAServerThatDoesNotOfferTheBitmap() throws IOException {
        point().close();
        assertThatThrownBy(() -> NbdCaptureDisk.connect(servers.getFirst().socket(), "",
                Optional.of(BlockStatus.DIRTY_BITMAP_PREFIX + "other")))
                .isInstanceOf(IOException.class).hasMessageContaining("qemu:dirty-bitmap:other");
    }
}
