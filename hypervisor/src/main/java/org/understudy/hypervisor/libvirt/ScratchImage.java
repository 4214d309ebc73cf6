package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.understudy.disk.EmulatorAccount;
import org.understudy.disk.PrivateFile;

/**
 * An empty qcow2 image (QEMU, docs/interop/qcow2, version 3), made by this process so that QEMU opens a scratch
 * file and never creates one (decision 43). Clusters of 64 KiB lie one after the other: header, table of refcounts, one
 * block of refcounts, first-level table. All but some hundred bytes are holes.
 *
 * <p>Not forced to the disk: it means nothing after the point in time.
 */
final class ScratchImage {
    /** The unit of a disk's size, in bytes. */
    static final long SECTOR_BYTES = 512;

    private static final int CLUSTER_BITS = 16;
    private static final int CLUSTER_BYTES = 1 << CLUSTER_BITS;
    private static final int TABLE_ENTRY_BYTES = Long.BYTES;
    /** One entry of the first-level table names a cluster of entries, each of which names a cluster. */
    private static final long BYTES_PER_ENTRY = (long) CLUSTER_BYTES / TABLE_ENTRY_BYTES * CLUSTER_BYTES;
    /** QEMU opens no image with more than 32 MiB of first-level table; that is 2 PiB of disk. */
    private static final long ENTRIES_MAX = (32L << 20) / TABLE_ENTRY_BYTES;
    static final long VIRTUAL_BYTES_MAX = ENTRIES_MAX * BYTES_PER_ENTRY;

    private static final int VERSION = 3;
    private static final int REFCOUNT_TABLE_CLUSTER = 1;
    private static final int REFCOUNT_BLOCK_CLUSTER = 2;
    private static final int FIRST_LEVEL_CLUSTER = 3;
    private static final int REFCOUNT_TABLE_CLUSTERS = 1;
    /** Refcounts of 16 bits. */
    private static final int REFCOUNT_ORDER = 4;
    private static final int HEADER_BYTES = 104;
    /** After the header the extensions would follow; eight zeros end them. */
    private static final int EXTENSIONS_END_BYTES = 8;

    private ScratchImage() {}

    /**
     * Makes the file, which must not exist, and gives it to the emulator; what was begun is removed when that fails.
     *
     * @param virtualBytes the size of the disk, a multiple of 512 from 512 to 2 PiB
     */
    static void create(Path file, long virtualBytes, EmulatorAccount emulator) throws IOException {
        if (virtualBytes <= 0 || virtualBytes > VIRTUAL_BYTES_MAX || virtualBytes % SECTOR_BYTES != 0) {
            throw new IllegalArgumentException("no disk has " + virtualBytes + " bytes");
        }
        try (FileChannel image = PrivateFile.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            try {
                write(image, virtualBytes);
                give(file, emulator);
            } catch (IOException e) {
                Files.deleteIfExists(file);
                throw e;
            }
        }
    }

    private static void write(FileChannel image, long virtualBytes) throws IOException {
        int entries = Math.toIntExact(Math.ceilDiv(virtualBytes, BYTES_PER_ENTRY));
        int clusters = FIRST_LEVEL_CLUSTER
                + Math.toIntExact(Math.ceilDiv((long) entries * TABLE_ENTRY_BYTES, CLUSTER_BYTES));
        put(image, 0, header(virtualBytes, entries));
        put(image, at(REFCOUNT_TABLE_CLUSTER),
                ByteBuffer.allocate(TABLE_ENTRY_BYTES).putLong(at(REFCOUNT_BLOCK_CLUSTER)).flip());
        ByteBuffer refcounts = ByteBuffer.allocate(clusters * Short.BYTES);
        while (refcounts.hasRemaining()) {
            refcounts.putShort((short) 1);
        }
        put(image, at(REFCOUNT_BLOCK_CLUSTER), refcounts.flip());
        put(image, at(clusters) - 1, ByteBuffer.allocate(1));
    }

    private static ByteBuffer header(long virtualBytes, int entries) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES + EXTENSIONS_END_BYTES);
        header.putInt(Qcow2Header.MAGIC).putInt(VERSION);
        header.putLong(0).putInt(0); // No backing file: QEMU is told to lay it over the disk when it opens it.
        header.putInt(CLUSTER_BITS).putLong(virtualBytes);
        header.putInt(0); // Not encrypted.
        header.putInt(entries).putLong(at(FIRST_LEVEL_CLUSTER));
        header.putLong(at(REFCOUNT_TABLE_CLUSTER)).putInt(REFCOUNT_TABLE_CLUSTERS);
        header.putInt(0).putLong(0); // No snapshots.
        header.putLong(0).putLong(0).putLong(0); // No features.
        header.putInt(REFCOUNT_ORDER).putInt(HEADER_BYTES);
        return header.rewind();
    }

    /**
     * libvirt does so too, but not where its {@code dynamic_ownership} is off; and the files that it makes itself are
     * QEMU's from the beginning.
     */
    private static void give(Path file, EmulatorAccount emulator) throws IOException {
        if (!emulator.equals(EmulatorAccount.own())) {
            Files.setAttribute(file, "unix:gid", emulator.gid());
            Files.setAttribute(file, "unix:uid", emulator.uid());
        }
    }

    private static void put(FileChannel image, long offset, ByteBuffer bytes) throws IOException {
        for (long at = offset; bytes.hasRemaining();) {
            at += image.write(bytes, at);
        }
    }

    private static long at(int cluster) {
        return (long) cluster << CLUSTER_BITS;
    }
}
