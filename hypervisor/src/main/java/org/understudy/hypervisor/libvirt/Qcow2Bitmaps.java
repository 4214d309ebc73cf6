package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dirty bitmaps that a qcow2 image keeps (QEMU, docs/interop/qcow2: bitmaps extension), and the image it rests on,
 * read from the file itself: also while QEMU has it open, when the file shows what QEMU found in it as it started.
 *
 * @param bitmaps in the image's order
 * @param backing the image below; empty when there is none that is a file of this host
 */
record Qcow2Bitmaps(List<Bitmap> bitmaps, Optional<Path> backing) {
    private static final Logger LOG = LoggerFactory.getLogger(Qcow2Bitmaps.class);
    /** Images below each other that are looked at; libvirt's own limit is 200, a chain of snapshots has a dozen. */
    private static final int CHAIN_MAX = 64;
    private static final int MAGIC = 'Q' << 24 | 'F' << 16 | 'I' << 8 | 0xfb;
    private static final int HEADER_BYTES_MIN = 104;
    private static final int BACKING_OFFSET_AT = 8;
    private static final int BACKING_SIZE_AT = 16;
    private static final int HEADER_LENGTH_AT = 100;
    private static final int BACKING_BYTES_MAX = 1023;
    private static final int EXTENSION_END = 0;
    private static final int EXTENSION_BITMAPS = 0x23852875;
    private static final int EXTENSION_BYTES_MIN = 24;
    /** The format's own limits: 65,535 bitmaps and a directory of 64 MiB; more is damage and is not followed. */
    private static final int DIRECTORY_BYTES_MAX = 64 << 20;
    private static final int ENTRY_BYTES = 24;
    private static final int CLUSTER_BYTES_MIN = 512;
    private static final int HEADER_AREA_BYTES = 64 << 10;

    private static final int FLAG_IN_USE = 1;
    private static final int FLAG_AUTO = 1 << 1;

    Qcow2Bitmaps {
        bitmaps = List.copyOf(bitmaps);
    }

    /**
     * One bitmap.
     *
     * @param inUse whether a QEMU has it open, or died with it: what was written since may not be in it
     * @param records whether QEMU notes every write in it as soon as it opens the image
     */
    record Bitmap(String name, boolean inUse, boolean records) {}

    List<String> names() {
        return bitmaps.stream().map(Bitmap::name).toList();
    }

    Optional<Bitmap> bitmap(String name) {
        return bitmaps.stream().filter(bitmap -> bitmap.name().equals(name)).findFirst();
    }

    /** Each image from the active one down, with its bitmaps; ends where nothing can be read. */
    static Map<Path, Qcow2Bitmaps> chain(Path active) {
        Map<Path, Qcow2Bitmaps> chain = new LinkedHashMap<>();
        Optional<Path> next = Optional.of(active);
        while (next.isPresent() && chain.size() < CHAIN_MAX && !chain.containsKey(next.get())) {
            try {
                Qcow2Bitmaps bitmaps = read(next.get());
                chain.put(next.get(), bitmaps);
                next = bitmaps.backing();
            } catch (IOException e) {
                LOG.debug("bitmaps of an image could not be read image={} reason={}", next.get(), e.toString());
                next = Optional.empty();
            }
        }
        return chain;
    }

    /** None when the file is no qcow2 image of version 3, or its lists cannot be made out. */
    static Qcow2Bitmaps read(Path image) throws IOException {
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.READ)) {
            ByteBuffer header = read(file, 0, HEADER_AREA_BYTES);
            if (header.limit() < CLUSTER_BYTES_MIN || header.getInt(0) != MAGIC) {
                return new Qcow2Bitmaps(List.of(), Optional.empty());
            }
            return new Qcow2Bitmaps(bitmaps(file, header), backing(image, header));
        }
    }

    private static List<Bitmap> bitmaps(FileChannel file, ByteBuffer header) throws IOException {
        int at = header.getInt(HEADER_LENGTH_AT);
        // Version 2 has no such field and no such extensions; garbage there is out of bounds.
        while (at >= HEADER_BYTES_MIN && at <= header.limit() - EXTENSION_BYTES_MIN - 8) {
            int type = header.getInt(at);
            int length = header.getInt(at + 4);
            if (type == EXTENSION_END || length < 0) {
                break;
            }
            if (type == EXTENSION_BITMAPS && length >= EXTENSION_BYTES_MIN) {
                return directory(file, header.getLong(at + 24), header.getLong(at + 16));
            }
            at += 8 + (length + 7) / 8 * 8;
        }
        return List.of();
    }

    private static List<Bitmap> directory(FileChannel file, long offset, long bytes) throws IOException {
        List<Bitmap> bitmaps = new ArrayList<>();
        if (offset <= 0 || bytes <= 0 || bytes > DIRECTORY_BYTES_MAX) {
            return bitmaps;
        }
        ByteBuffer entries = read(file, offset, (int) bytes);
        int at = 0;
        while (at <= entries.limit() - ENTRY_BYTES) {
            int nameBytes = Short.toUnsignedInt(entries.getShort(at + 18));
            int extraBytes = entries.getInt(at + 20);
            long end = (long) at + ENTRY_BYTES + extraBytes + nameBytes;
            if (extraBytes < 0 || nameBytes == 0 || end > entries.limit()) {
                break;
            }
            byte[] name = new byte[nameBytes];
            entries.get(at + ENTRY_BYTES + extraBytes, name);
            int flags = entries.getInt(at + 12);
            bitmaps.add(new Bitmap(new String(name, StandardCharsets.UTF_8),
                    (flags & FLAG_IN_USE) != 0, (flags & FLAG_AUTO) != 0));
            at = (int) ((end + 7) / 8 * 8);
        }
        return bitmaps;
    }

    private static Optional<Path> backing(Path image, ByteBuffer header) {
        long offset = header.getLong(BACKING_OFFSET_AT);
        int size = header.getInt(BACKING_SIZE_AT);
        if (offset <= 0 || size <= 0 || size > BACKING_BYTES_MAX || offset + size > header.limit()) {
            return Optional.empty();
        }
        byte[] name = new byte[size];
        header.get((int) offset, name);
        String text = new String(name, StandardCharsets.UTF_8);
        int slash = text.indexOf('/');
        String beforeSlash = slash < 0 ? text : text.substring(0, slash);
        if (beforeSlash.indexOf(':') >= 0) {
            // A protocol (nbd:, json:) and no file; QEMU tells them apart in this way too.
            return Optional.empty();
        }
        try {
            return Optional.of(image.resolveSibling(text));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static ByteBuffer read(FileChannel file, long from, int bytes) throws IOException {
        long there = Math.max(0, Math.min(bytes, file.size() - from));
        ByteBuffer buffer = ByteBuffer.allocate((int) there);
        while (buffer.hasRemaining() && file.read(buffer, from + buffer.position()) >= 0) {
            // A short read is followed by the rest or by the end.
        }
        return buffer.flip();
    }
}
