package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.understudy.model.Extent;
import org.understudy.nbd.BlockStatus;
import org.understudy.nbd.NbdDevice;

/** What a bitmap in an image says was written, as {@code offset+length}; through QEMU's own server. */
final class DirtyExtents {
    private DirtyExtents() {}

    static List<String> of(Path image, String bitmap, Path folder) throws IOException {
        Path socket = folder.resolve("dirty.sock");
        Process server = new ProcessBuilder("qemu-nbd", "-r", "-f", "qcow2", "-B", bitmap, "--socket=" + socket,
                image.toString()).inheritIO().start();
        try {
            while (!Files.exists(socket) && server.isAlive()) {
                Thread.onSpinWait();
            }
            String context = BlockStatus.DIRTY_BITMAP_PREFIX + bitmap;
            List<String> dirty = new ArrayList<>();
            try (NbdDevice device = NbdDevice.connect(socket, "", List.of(context))) {
                for (BlockStatus status : device.status(context, new Extent(0, device.size().bytes()))) {
                    if (status.dirty()) {
                        dirty.add(status.extent().offset() + "+" + status.extent().length());
                    }
                }
            }
            return dirty;
        } finally {
            server.destroy();
            server.onExit().join();
            Files.deleteIfExists(socket);
        }
    }
}
