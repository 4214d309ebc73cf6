package org.understudy.agent.identity;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.understudy.command.CommandCodec;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VaultId;

/**
 * A registration key as the vault wrote it to a file (V-03): which vault, where it answers, whom to trust, a secret.
 *
 * @param expiresAt five days at most after it was made; the vault decides, this is to tell early
 */
public record KeyFile(VaultId vault, String url, X509Certificate authority, String secret, Instant expiresAt) {
    private static final long SIZE_MAX = 64 * 1024;

    /** Reads a key file; anything but a whole key is refused with REGISTRATION_KEY_INVALID. */
    public static KeyFile read(Path file) throws IOException {
        try {
            if (Files.size(file) > SIZE_MAX) {
                throw invalid(file, "it is larger than any key");
            }
            return parse(file, Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw invalid(file, "there is no such file");
        }
    }

    /** Of bytes in memory every exception means that they are no key: no JSON, no text at all, half a certificate. */
    private static KeyFile parse(Path file, byte[] bytes) {
        try {
            JsonNode json = CommandCodec.mapper().readTree(bytes);
            URI url = URI.create(json.required("url").asText());
            if (!"https".equals(url.getScheme()) || url.getHost() == null) {
                throw invalid(file, "its vault's address is \"" + url + "\", not https://host:port");
            }
            return new KeyFile(
                    VaultId.parse(json.required("vault").asText()),
                    url.toString(),
                    Pem.certificate(json.required("authority").asText()),
                    json.required("secret").asText(),
                    Instant.parse(json.required("expiresAt").asText()));
        } catch (IOException | IllegalArgumentException | DateTimeParseException e) {
            throw new FailureException(invalid(file, "it is not a whole registration key").failure(), e);
        }
    }

    private static FailureException invalid(Path file, String why) {
        return FailureException.of(
                FailureCode.REGISTRATION_KEY_INVALID, "Registration key " + file + " cannot be used: " + why + ".");
    }
}
