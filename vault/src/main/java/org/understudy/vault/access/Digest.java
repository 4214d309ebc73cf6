package org.understudy.vault.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/** SHA-256, by which secrets of 256 random bits are kept and certificates are recognised. */
public final class Digest {
    private Digest() {}

    static byte[] of(String secret) {
        return of(secret.getBytes(StandardCharsets.UTF_8));
    }

    /** The fingerprint of a certificate, in hexadecimal. */
    public static String of(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(of(certificate.getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read has bytes", e);
        }
    }

    private static byte[] of(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
