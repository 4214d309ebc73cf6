package org.understudy.replication;

/**
 * What a VM keeps beside its disks at one instant, in its firmware's variables and its TPM: a piece of bytes that is
 * opaque to whoever carries it. Empty where the VM keeps nothing. Cannot be changed.
 */
public final class MachineState {
    /** The most that is carried: variables of 8 MiB, a TPM of 1 MiB, and what names them. */
    public static final int BYTES_MAX = (9 << 20) + (4 << 10);
    /** Of a machine that keeps nothing. */
    public static final MachineState NONE = new MachineState(new byte[0]);

    private final byte[] bytes;
    private final StateDigest digest;

    /** Takes the bytes for its own: nobody may change them any more. */
    public MachineState(byte[] bytes) {
        if (bytes.length > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a machine state of " + bytes.length + " bytes is larger than " + BYTES_MAX);
        }
        this.bytes = bytes;
        this.digest = StateDigest.of(bytes);
    }

    /** All of it; only to read. */
    public byte[] bytes() {
        return bytes;
    }

    /** What tells it from another. */
    public StateDigest digest() {
        return digest;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MachineState state && state.digest.equals(digest);
    }

    @Override
    public int hashCode() {
        return digest.hashCode();
    }

    @Override
    public String toString() {
        return bytes.length + " bytes of " + digest;
    }
}
