package org.understudy.replica;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.understudy.disk.BlockDevice;
import org.understudy.disk.HostProgram;
import org.understudy.disk.PrivateFile;
import org.understudy.model.ByteCount;

/**
 * Makes qcow2 overlays over the disks of replicas with QEMU's own tools, writes into them through {@code qemu-nbd}, and
 * makes one a disk of its own where no VM has it open. The qcow2 format stays QEMU's affair. Safe for threads.
 */
public final class OverlayImages {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** A disk of many TiB on a slow array takes days; whoever waits may be interrupted. */
    private static final Duration PATIENCE_WITH_A_DISK = Duration.ofDays(7);
    private static final String PID_FILE = "qemu-nbd.pid";

    /** An empty overlay of {@code size} over {@code backing}, forced; reads as the backing file (QEMU qcow2 v3). */
    void create(Path overlay, Path backing, String backingFormat, ByteCount size) throws IOException {
        // Made first, since qemu-img gives the mode that the umask leaves, and keeps one that is there.
        PrivateFile.create(overlay);
        run(PATIENCE, "qemu-img", "create", "-q", "-f", "qcow2", "-o", "compat=1.1",
                "-b", backing.toAbsolutePath().toString(), "-F", backingFormat,
                overlay.toAbsolutePath().toString(), Long.toString(size.bytes()));
        force(overlay);
    }

    /**
     * Lets {@code content} write to the overlay; all of it is durable when this returns.
     *
     * @param folder where a server that a dying process left is found by {@link #reap}
     */
    void fill(Path overlay, Path folder, Content content) throws IOException {
        try (BlockDevice device = ImageDevice.open(overlay, "qcow2", folder.resolve(PID_FILE))) {
            content.writeTo(device);
            device.flush();
        }
        force(overlay);
    }

    /** Ends the server that an interrupted {@link #fill} left. */
    static void reap(Path folder) throws IOException {
        ImageDevice.reap(folder.resolve(PID_FILE));
    }

    /** Has the image note from now on in a bitmap of that name, which outlives its VM, what is written to it. */
    void track(Path image, String bitmap) throws IOException {
        run(PATIENCE, "qemu-img", "bitmap", "--add", "-f", "qcow2", image.toString(), bitmap);
        force(image);
    }

    /**
     * Copies into an overlay what it still reads from the image below, and lets go of that. Its bitmaps may say
     * afterwards that more was written than was, never less. Durable; killed at any time it is done again.
     */
    void standAlone(Path overlay) throws IOException {
        run(PATIENCE_WITH_A_DISK, "qemu-img", "rebase", "-q", "-f", "qcow2", "-b", "", overlay.toString());
        force(overlay);
    }

    /**
     * Writes what an overlay holds into the image below, and adds its bitmaps to that one's, where its format has any.
     * One that does not say any more what was written, since its QEMU died, is not there afterwards. Durable; the
     * overlay stays as it is, so that killed at any time it is done again.
     */
    void commit(Path overlay, AdoptedImage below) throws IOException {
        run(PATIENCE_WITH_A_DISK, "qemu-img", "commit", "-q", "-d", "-f", "qcow2", overlay.toString());
        if (below.format().equals("qcow2")) {
            ImageFacts own = ImageFacts.of(overlay, "qcow2");
            List<String> there = withoutTorn(below.file(), own.torn());
            for (String bitmap : own.bitmaps()) {
                // Made after the content: one that was there before would count all of that as written.
                if (!there.contains(bitmap)) {
                    run(PATIENCE, "qemu-img", "bitmap", "--add", "-f", "qcow2", below.file().toString(), bitmap);
                }
                run(PATIENCE, "qemu-img", "bitmap", "--merge", bitmap, "-b", overlay.toString(), "-F", "qcow2",
                        "-f", "qcow2", below.file().toString(), bitmap);
            }
        }
        force(below.file());
    }

    /** An empty one that stayed would say that nothing was written. */
    private static List<String> withoutTorn(Path image, List<String> torn) throws IOException {
        ImageFacts facts = ImageFacts.of(image, "qcow2");
        List<String> stay = new ArrayList<>(facts.bitmaps());
        List<String> go = new ArrayList<>(facts.torn());
        torn.stream().filter(stay::remove).forEach(go::add);
        for (String bitmap : go) {
            run(PATIENCE, "qemu-img", "bitmap", "--remove", "-f", "qcow2", image.toString(), bitmap);
        }
        return stay;
    }

    private static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void run(Duration patience, String... command) throws IOException {
        HostProgram.Answer answer = HostProgram.run(patience, List.of(command));
        if (!answer.succeeded()) {
            throw new IOException(String.join(" ", command) + " failed: " + answer.words());
        }
    }

    /** What to write into an overlay. */
    @FunctionalInterface
    interface Content {
        void writeTo(BlockDevice device) throws IOException;
    }
}
