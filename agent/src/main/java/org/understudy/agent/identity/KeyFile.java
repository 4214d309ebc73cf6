package org.understudy.agent.identity;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.understudy.command.CommandCodec;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.HostId;
import org.understudy.model.VaultId;
import org.understudy.model.VaultUrl;

/**
 * A registration key as the vault wrote it to a file (V-03): which vault, where it answers, whom to trust, a secret.
 *
 * @param host the registered host that may be set up anew with it; empty when it is for hosts with new names
 * @param expiresAt five days at most after it was made; the vault decides, this is to tell early
 */
public record KeyFile(VaultId vault, String url, X509Certificate authority, String secret, Optional<HostId> host,
        Instant expiresAt) {
    private static final int SIZE_MAX = 64 * 1024;

    /** Reads a key file; anything but a whole key is refused with REGISTRATION_KEY_INVALID. */
    public static KeyFile read(Path file) {
        try {
            return parse(file, bytes(file));
        } catch (IOException e) {
            throw invalid(file, FailureTeller.reason(e)).causedBy(e);
        }
    }

    /** Of a pipe too, whose size nobody knows before its end. */
    private static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(SIZE_MAX + 1);
            if (bytes.length > SIZE_MAX) {
                throw invalid(file, "it is larger than any key");
            }
            return bytes;
        }
    }

    /** Of bytes in memory every exception means that they are no key: no JSON, no text at all, half a certificate. */
    private static KeyFile parse(Path file, byte[] bytes) {
        try {
            JsonNode json = CommandCodec.mapper().readTree(bytes);
            return new KeyFile(
                    VaultId.parse(json.required("vault").asText()),
                    url(file, json.required("url").asText()),
                    Pem.certificate(json.required("authority").asText()),
                    json.required("secret").asText(),
                    Optional.ofNullable(json.get("host")).filter(host -> !host.isNull())
                            .map(host -> HostId.parse(host.asText())),
                    Instant.parse(json.required("expiresAt").asText()));
        } catch (IOException | IllegalArgumentException | DateTimeParseException e) {
            throw invalid(file, "it is not a whole registration key").causedBy(e);
        }
    }

    private static String url(Path file, String text) {
        try {
            return VaultUrl.parse(text).toString();
        } catch (FailureException e) {
            throw invalid(
                    file, "its vault's address is \"" + text + "\", not https://host:port").causedBy(e);
        }
    }

    private static FailureException invalid(Path file, String why) {
        return FailureException.of(
                FailureCode.REGISTRATION_KEY_INVALID, "Registration key " + file + " cannot be used: " + why + ".");
    }
}
