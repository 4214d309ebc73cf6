package org.understudy.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The SHA-256 of all bytes of a disk, zeroes and holes included, in hexadecimal. */
final class DiskHash {
    private static final int BUFFER = 1 << 20;

    private DiskHash() {}

    /** Of an export, read by nbdcopy. */
    static String overNbd(Path socket, String export) throws IOException {
        Process nbdcopy = new ProcessBuilder(
                "nbdcopy", "--connections=1", "nbd+unix:///" + export + "?socket=" + socket, "-")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (InputStream bytes = nbdcopy.getInputStream()) {
            String hash = of(bytes);
            int status = nbdcopy.waitFor();
            if (status != 0) {
                throw new IOException("nbdcopy of " + export + " ended with status " + status);
            }
            return hash;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while nbdcopy read " + export);
        } finally {
            nbdcopy.destroy();
        }
    }

    /** Of a raw file. */
    static String ofRaw(Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            return of(bytes);
        }
    }

    private static String of(InputStream bytes) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException(absent);
        }
        byte[] buffer = new byte[BUFFER];
        try (DigestInputStream digested = new DigestInputStream(bytes, digest)) {
            while (digested.read(buffer) >= 0) {
                // Reading digests.
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
