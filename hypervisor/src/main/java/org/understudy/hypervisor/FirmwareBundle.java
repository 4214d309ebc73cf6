package org.understudy.hypervisor;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the firmware and the TPM of a VM keep, of one instant: a small file that travels with a position and that the
 * data plane does not look into. Its bytes are those of {@code docs/formats/firmware-bundle.md}.
 *
 * <p>Its parts are what libvirt's host had in files, unchanged. Nothing in it is run or believed but by the firmware
 * and the TPM of the VM itself. Immutable; equal when its parts are.
 */
public final class FirmwareBundle {
    /** What can be kept; at most one of each. */
    public enum Kind {
        /** The variables of UEFI firmware, as its flash memory holds them: OVMF has 128 or 528 KiB. */
        UEFI_VARIABLES(1, 8 << 20),
        /** The lasting state of a TPM 2.0 as swtpm keeps it: some 6 KiB, and as much again for what is stored in it. */
        TPM_2(2, 1 << 20),
        /** The same of a TPM 1.2. */
        TPM_1_2(3, 1 << 20);

        private final int number;
        private final int bytesMax;

        Kind(int number, int bytesMax) {
            this.number = number;
            this.bytesMax = bytesMax;
        }

        /** What is longer is not carried: ten times what is known to exist, and little enough to be held in memory. */
        public int bytesMax() {
            return bytesMax;
        }

        private static Kind of(int number) {
            return Arrays.stream(values()).filter(kind -> kind.number == number).findFirst().orElseThrow(() ->
                    new IllegalArgumentException("no firmware bundle: a part of the unknown kind " + number));
        }
    }

    /** What the longest one may take: one of each kind, with room. */
    public static final int BYTES_MAX = (9 << 20) + (4 << 10);

    /** Of a VM that keeps nothing, or of which nothing is known; no bytes at all. */
    public static final FirmwareBundle NONE = new FirmwareBundle(Map.of());

    private static final byte[] MAGIC = {(byte) 0x89, 'U', 'S', 'F', '\r', '\n', 0x1a, '\n'};
    private static final int FORMAT = 1;
    private static final int HEADER_BYTES = 16;
    private static final int PART_HEADER_BYTES = 8;
    private static final int DIGEST_BYTES = 32;

    private final Map<Kind, byte[]> parts;

    private FirmwareBundle(Map<Kind, byte[]> parts) {
        this.parts = parts;
    }

    /**
     * A bundle of these parts.
     *
     * @throws IllegalArgumentException for an empty part, one that is longer than its kind may be, and two TPMs
     */
    public static FirmwareBundle of(Map<Kind, byte[]> parts) {
        Map<Kind, byte[]> copies = new EnumMap<>(Kind.class);
        parts.forEach((kind, bytes) -> {
            requireLength(kind, bytes.length);
            copies.put(kind, bytes.clone());
        });
        requireOneModule(copies.keySet());
        return copies.isEmpty() ? NONE : new FirmwareBundle(copies);
    }

    /** Whether there is nothing in it. */
    public boolean isNone() {
        return parts.isEmpty();
    }

    /** What it holds, in the order of its bytes. */
    public Set<Kind> kinds() {
        return Collections.unmodifiableSet(parts.keySet());
    }

    /** A part, if it is there; the array is the caller's own. */
    public Optional<byte[]> part(Kind kind) {
        return Optional.ofNullable(parts.get(kind)).map(byte[]::clone);
    }

    /** How long a part is, in bytes; 0 when it is not there. */
    public int length(Kind kind) {
        return Optional.ofNullable(parts.get(kind)).map(bytes -> bytes.length).orElse(0);
    }

    /** The same with these kinds alone. */
    public FirmwareBundle only(Set<Kind> kinds) {
        Map<Kind, byte[]> kept = new EnumMap<>(Kind.class);
        parts.forEach((kind, bytes) -> {
            if (kinds.contains(kind)) {
                kept.put(kind, bytes);
            }
        });
        return kept.isEmpty() ? NONE : new FirmwareBundle(kept);
    }

    /** Its bytes, the same for equal ones; none for {@link #NONE}. */
    public byte[] encode() {
        if (isNone()) {
            return new byte[0];
        }
        int length = HEADER_BYTES + parts.values().stream().mapToInt(bytes -> PART_HEADER_BYTES + bytes.length).sum()
                + DIGEST_BYTES;
        ByteBuffer file = ByteBuffer.allocate(length);
        file.put(MAGIC).putShort((short) FORMAT).putShort((short) parts.size()).putInt(0);
        parts.forEach((kind, bytes) -> file.putShort((short) kind.number).putShort((short) 0).putInt(bytes.length)
                .put(bytes));
        return file.put(digest(file.array(), length - DIGEST_BYTES)).array();
    }

    /**
     * Reads what {@link #encode} wrote, whoever sent it.
     *
     * @throws IllegalArgumentException for anything else, with what is wrong as the end of a sentence
     */
    public static FirmwareBundle decode(byte[] bytes) {
        if (bytes.length == 0) {
            return NONE;
        }
        require(bytes.length >= HEADER_BYTES + DIGEST_BYTES, "it is cut off");
        require(bytes.length <= BYTES_MAX, "it is longer than " + BYTES_MAX + " bytes");
        ByteBuffer file = ByteBuffer.wrap(bytes, 0, bytes.length - DIGEST_BYTES);
        byte[] magic = new byte[MAGIC.length];
        file.get(magic);
        require(Arrays.equals(magic, MAGIC), "it does not begin as one");
        int format = Short.toUnsignedInt(file.getShort());
        require(format == FORMAT, "it has the format " + format + ", and this release reads " + FORMAT);
        byte[] told = Arrays.copyOfRange(bytes, bytes.length - DIGEST_BYTES, bytes.length);
        require(Arrays.equals(told, digest(bytes, bytes.length - DIGEST_BYTES)), "its bytes were changed");
        int count = Short.toUnsignedInt(file.getShort());
        require(count > 0 && file.getInt() == 0, "its header makes no sense");
        Map<Kind, byte[]> parts = new EnumMap<>(Kind.class);
        int before = 0;
        for (int i = 0; i < count; i++) {
            require(file.remaining() >= PART_HEADER_BYTES, "it is cut off");
            Kind kind = Kind.of(Short.toUnsignedInt(file.getShort()));
            require(kind.number > before && file.getShort() == 0, "its parts make no sense");
            before = kind.number;
            int length = file.getInt();
            requireLength(kind, length);
            require(length <= file.remaining(), "it is cut off");
            byte[] part = new byte[length];
            file.get(part);
            parts.put(kind, part);
        }
        require(!file.hasRemaining(), "something follows its last part");
        requireOneModule(parts.keySet());
        return new FirmwareBundle(parts);
    }

    private static void requireLength(Kind kind, int length) {
        require(length > 0 && length <= kind.bytesMax, "the part " + kind + " is " + length + " bytes long, and 1 to "
                + kind.bytesMax + " are carried");
    }

    private static void requireOneModule(Set<Kind> kinds) {
        require(!kinds.containsAll(Set.of(Kind.TPM_2, Kind.TPM_1_2)), "it has two TPMs");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("no firmware bundle: " + otherwise);
        }
    }

    static byte[] digest(byte[] bytes, int length) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(bytes, 0, length);
            return sha256.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FirmwareBundle that && Arrays.equals(encode(), that.encode());
    }

    @Override
    public int hashCode() {
        return parts.values().stream().mapToInt(Arrays::hashCode).reduce(1, (sum, hash) -> 31 * sum + hash);
    }

    /** Its kinds and lengths, and the beginning of its digest; never its content, which may be keys. */
    @Override
    public String toString() {
        byte[] bytes = encode();
        StringBuilder text = new StringBuilder("bundle");
        parts.forEach((kind, part) -> text.append(' ').append(kind).append('=').append(part.length));
        return text.append(' ').append(HexFormat.of().formatHex(digest(bytes, bytes.length), 0, 6)).toString();
    }
}
