package org.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.FailureException;

/** Whatever is typed after {@code understudy}, the answer names it and says what is wrong, in no Java words. */
class WrongInputTest {
    private static final Context.Wanted NOTHING =
            new Context.Wanted(Optional.empty(), Optional.empty(), Optional.empty());
    private static final String NOBODY = "https://127.0.0.1:1";
    /** A certificate that nobody has the key of. */
    private static final String AUTHORITY = """
            -----BEGIN CERTIFICATE-----
            MIIBZTCCAQugAwIBAgIUZ0PbLVqS3F0WJdEZLcWmNnYkOBowCgYIKoZIzj0EAwIw
            -----END CERTIFICATE-----
            """;

    @TempDir
    private Path folder;

    private Path rubbish;
    private Path token;

    private record Answer(int code, String text) {}

    @BeforeEach
    void write() throws IOException {
        rubbish = Files.writeString(folder.resolve("rubbish"), "two\nwords");
        token = Files.writeString(folder.resolve("token"), "secret\n");
    }

    @Test
    void answersWrongUsageWithCodeTwo() {
        for (List<String> words : List.of(List.<String>of(), List.of("nonsense"), List.of("status", "more"),
                List.of("status", "-o", "xml"), List.of("login"), List.of("login", "--vault", NOBODY, "--ca", ""),
                List.of("policy", "create", "p", "--every", "soon"), List.of("audit", "list", "--limit", "x"),
                List.of("policy", "create", "p", "--recent-window", "an hour"),
                List.of("registration-key", "create", "--site", "s", "--output", ""),
                List.of("registration-key", "create", "--site", "s", "--output", "k", "--valid-for", "5 days"),
                List.of("failover", "start", "web01", "--shut-down-source=maybe"))) {
            Answer answer = answer(words);
            assertThat(answer.code()).as("%s", words).isEqualTo(2);
            assertThat(answer.text()).as("%s", words).doesNotContain("Exception", "\tat ");
        }
        assertThat(answer(List.of("policy", "create", "p", "--recent-window", "an hour")).text())
                .contains("--recent-window", "'an hour' is no duration", "PT30M");
    }

    @Test
    void namesTheAddressThatIsNone() {
        for (String address : List.of("", "not a url", "127.0.0.1:8443", "http://127.0.0.1:8443", "https://",
                "https://127.0.0.1:99999", "https://127.0.0.1:8443/path?x=y")) {
            assertRefused(login(address, rubbish, token), "REQUEST_INVALID", "\"" + address + "\"", "what to do");
        }
    }

    @Test
    void namesTheFileThatIsNone() throws IOException {
        Path none = folder.resolve("none");
        Path noText = Files.write(folder.resolve("no-text"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        Path large = Files.write(folder.resolve("large"), new byte[2 << 20]);
        Path empty = Files.createFile(folder.resolve("empty"));
        for (Path file : List.of(none, noText, large, folder)) {
            assertRefused(login(NOBODY, file, token), "REQUEST_INVALID", file.toString());
            assertRefused(login(NOBODY, rubbish, file), "REQUEST_INVALID", file.toString());
        }
        assertRefused(login(NOBODY, rubbish, empty), empty.toString(), "empty");
        assertRefused(login(NOBODY, rubbish, rubbish), rubbish.toString(), "more than one word");
        assertRefused(login(NOBODY, empty, token), "VAULT_CERTIFICATE_WRONG", "authority.pem");
        assertRefused(login(NOBODY, rubbish, token), "VAULT_CERTIFICATE_WRONG", "authority.pem");
        assertRefused(login(NOBODY, Files.writeString(folder.resolve("half"), AUTHORITY), token),
                "VAULT_CERTIFICATE_WRONG", "authority.pem");
    }

    @Test
    void namesTheFileOfAKeyThatCannotBeWrittenBeforeItIsMade() {
        Path nowhere = folder.resolve("none/key");
        assertRefused(key(nowhere), nowhere.toString(), "folder");
        assertRefused(key(rubbish.resolve("key")), rubbish.toString(), "Not a directory");
        assertRefused(key(rubbish), "ALREADY_EXISTS", rubbish.toString());
    }

    @Test
    void leavesNoFileOfAKeyThatWasNotMade() {
        Path key = folder.resolve("key");
        assertRefused(key(key), "VAULT_CERTIFICATE_WRONG");
        assertThat(key).doesNotExist();
    }

    @Test
    void namesTheContextThatIsDamagedAndDoesWithoutItWhereItCan() throws IOException {
        Path context = Files.createDirectories(folder.resolve("understudy")).resolve("context.json");
        Map<String, String> environment = Map.of("XDG_CONFIG_HOME", folder.toString());
        for (String damaged : List.of("", "{", "[]", "{}", "{\"vault\": \"https://v\"}", "\u0000")) {
            Files.writeString(context, damaged);
            assertThatExceptionOfType(FailureException.class).isThrownBy(() -> Context.find(NOTHING, environment))
                    .satisfies(refused -> assertThat(refused.failure().message()).contains(context.toString()));
            assertThatCode(() -> Context.find(new Context.Wanted(
                    Optional.of(NOBODY), Optional.of(rubbish), Optional.of(token)), environment))
                    .doesNotThrowAnyException();
        }
    }

    private List<String> login(String address, Path authority, Path withToken) {
        return List.of("login", "--vault", address, "--ca", authority.toString(), "--token-file", withToken.toString());
    }

    private List<String> key(Path file) {
        return Stream.of("registration-key", "create", "--site", "s", "--output", file.toString(), "--vault", NOBODY,
                "--ca", rubbish.toString(), "--token-file", token.toString()).toList();
    }

    private static void assertRefused(List<String> words, String... told) {
        Answer answer = answer(words);
        assertThat(answer.code()).as("%s", words).isEqualTo(1);
        assertThat(answer.text()).as("%s", words).contains(told).doesNotContain("Exception", "\tat ");
        assertThat(answer.text().lines()).as("the failure and what to do").hasSize(2);
    }

    private static Answer answer(List<String> words) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text, true);
        int code = Main.commandLine().setOut(out).setErr(out).execute(words.toArray(String[]::new));
        return new Answer(code, text.toString());
    }
}
