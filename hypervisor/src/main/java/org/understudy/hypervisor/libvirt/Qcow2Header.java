package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The first fields of a qcow2 image (QEMU, docs/interop/qcow2: header), read from the file itself: 100 bytes in some
 * microseconds, while a {@code qemu-img info} for each disk would cost more than everything else in an inventory.
 *
 * @param version 2 or 3
 * @param virtualBytes what the guest sees
 * @param cryptMethod 0 none, 1 AES, 2 LUKS
 * @param incompatibleFeatures bits, 0 for version 2
 */
record Qcow2Header(int version, long virtualBytes, int cryptMethod, long incompatibleFeatures) {
    static final int MAGIC = 'Q' << 24 | 'F' << 16 | 'I' << 8 | 0xfb;
    private static final int HEADER_BYTES = 80;
    private static final int VERSION_AT = 4;
    private static final int SIZE_AT = 24;
    private static final int CRYPT_METHOD_AT = 32;
    private static final int INCOMPATIBLE_FEATURES_AT = 72;
    private static final long CORRUPT = 1 << 1;
    private static final long EXTERNAL_DATA_FILE = 1 << 2;

    /** Empty when the file is no qcow2 image; {@link java.nio.file.NoSuchFileException} when it is not there. */
    static Optional<Qcow2Header> read(Path image) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES);
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.READ)) {
            while (bytes.hasRemaining() && file.read(bytes, bytes.position()) >= 0) {
                // A short read is followed by the rest or by the end.
            }
        }
        bytes.flip();
        if (bytes.limit() < HEADER_BYTES || bytes.getInt(0) != MAGIC) {
            return Optional.empty();
        }
        int version = bytes.getInt(VERSION_AT);
        return Optional.of(new Qcow2Header(version, bytes.getLong(SIZE_AT), bytes.getInt(CRYPT_METHOD_AT),
                version < 3 ? 0 : bytes.getLong(INCOMPATIBLE_FEATURES_AT)));
    }

    /** Why no persistent bitmap can be kept in it, as the end of a sentence about the disk. */
    Optional<String> obstacle() {
        if (version < 3) {
            return Optional.of("is a qcow2 image of the old version 2 (compat 0.10), which keeps no dirty bitmaps; "
                    + "shut the VM down and run: qemu-img amend -f qcow2 -o compat=1.1 <image>");
        }
        if (cryptMethod != 0) {
            return Optional.of("is encrypted");
        }
        if ((incompatibleFeatures & EXTERNAL_DATA_FILE) != 0) {
            return Optional.of("keeps its data in an external data file, beside which no dirty bitmap is reliable");
        }
        if ((incompatibleFeatures & CORRUPT) != 0) {
            return Optional.of("is marked corrupt by QEMU; check it with qemu-img check");
        }
        return Optional.empty();
    }
}
