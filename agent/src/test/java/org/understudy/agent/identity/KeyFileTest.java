package org.understudy.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.command.CommandCodec;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** Whatever happened to a key file on its way to the host, the person there is told that the key is damaged. */
class KeyFileTest {
    private static final String AUTHORITY = """
            -----BEGIN CERTIFICATE-----
            MIIBeTCCAR+gAwIBAgIURBQxhTa7AeTeudVUT5b2WufsZR0wCgYIKoZIzj0EAwIw
            -----END CERTIFICATE-----
            """;

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("key");
    }

    @Test
    void refusesAFileThatIsNotThere() {
        assertThatRefused("there is no such file");
    }

    @Test
    void refusesBytesThatAreNoText() throws IOException {
        Files.write(file, new byte[] {0, 0, (byte) 0xfe, (byte) 0xff, 0, (byte) 0x80, (byte) 0xc0, 1});
        assertThatRefused("not a whole registration key");
    }

    @Test
    void refusesAnEmptyFile() throws IOException {
        Files.createFile(file);
        assertThatRefused("not a whole registration key");
    }

    @Test
    void refusesHalfAKey() throws IOException {
        String whole = key("https://10.0.0.1:8443");
        for (int length = 1; length < whole.length(); length += 7) {
            Files.writeString(file, whole.substring(0, length));
            assertThatRefused("not a whole registration key");
        }
    }

    @Test
    void refusesADamagedCertificate() throws IOException {
        Files.writeString(file, key("https://10.0.0.1:8443"));
        assertThatRefused("not a whole registration key");
    }

    @Test
    void refusesAnAddressThatIsNone() throws IOException {
        Files.writeString(file, key("vault.example:8443"));
        assertThatRefused("not https://host:port");
    }

    @Test
    void refusesAFileLargerThanAnyKey() throws IOException {
        Files.write(file, new byte[1 << 20]);
        assertThatRefused("larger than any key");
    }

    private void assertThatRefused(String why) {
        assertThatThrownBy(() -> KeyFile.read(file)).isInstanceOfSatisfying(FailureException.class, refused -> {
            assertThat(refused.failure().code()).isEqualTo(FailureCode.REGISTRATION_KEY_INVALID);
            assertThat(refused.failure().message()).contains(file.toString()).contains(why);
        });
    }

    private static String key(String url) throws IOException {
        return new String(CommandCodec.mapper().writeValueAsBytes(CommandCodec.mapper().createObjectNode()
                .put("vault", "6e9a4b1e-58a2-4b0f-9f5b-5f2c8f0b8f52")
                .put("vaultName", "lab")
                .put("url", url)
                .put("authority", AUTHORITY)
                .put("secret", "a.b.c")
                .put("expiresAt", "2026-11-26T12:00:00Z")), StandardCharsets.UTF_8);
    }
}
