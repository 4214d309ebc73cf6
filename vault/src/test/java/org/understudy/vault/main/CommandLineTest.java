package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is typed after {@code understudy vault}, the answer names it and says what is wrong, in no Java words. */
@Timeout(60)
class CommandLineTest {
    /** An address of no machine, so that no vault starts whatever it thinks of the rest. */
    private static final String NOWHERE = "192.0.2.1:1";

    @TempDir
    private Path folder;

    private Path file;

    private record Answer(int code, String text) {}

    @BeforeEach
    void rubbish() throws IOException {
        file = Files.writeString(folder.resolve("file"), "rubbish");
    }

    @Test
    void answersWrongUsageWithCodeTwo() {
        for (List<String> words : List.of(List.<String>of(), List.of("nonsense"), List.of("run"),
                List.of("run", "--data", ""), run("--address", ""), run("--address", "nonsense"),
                run("--address", ":x"), run("--address", "127.0.0.1:-1"), run("--address", "127.0.0.1:65536"),
                run("--address", "no-such-host.invalid:8443"), run("--database-user", "u"))) {
            Answer answer = answer(words);
            assertThat(answer.code()).as("%s", words).isEqualTo(2);
            assertThat(answer.text()).as("%s", words).contains("Usage: understudy vault")
                    .doesNotContain("Exception", "\tat ");
        }
        assertThat(answer(run("--address", "127.0.0.1:65536")).text()).contains("127.0.0.1:65536", "0 to 65535");
        assertThat(folder.resolve("vault")).doesNotExist();
    }

    @Test
    void namesTheNamesThatAreNone() {
        for (String wrong : List.of("a b", "https://vault", "vault:8443", "my_host", "999.1.1.1", "a/b", "::1%lo", "",
                ",good.example")) {
            assertRefused(run("--address", NOWHERE, "--advertise", wrong),
                    "REQUEST_INVALID", "\"" + wrong.replace(",good.example", "") + "\"", "--advertise");
        }
        assertRefused(run("--address", NOWHERE, "--name", ""), "REQUEST_INVALID", "name");
        assertRefused(run("--address", NOWHERE, "--name", "a\nb"), "REQUEST_INVALID", "is no name");
        assertRefused(run("--address", NOWHERE, "--name", "x".repeat(64)), "REQUEST_INVALID", "is no name");
        assertThat(folder.resolve("vault")).doesNotExist();
    }

    @Test
    void namesTheFolderThatIsNone() throws IOException {
        assertRefused(List.of("run", "--data", file.toString()), file.toString(), "no folder");
        assertRefused(List.of("run", "--data", file.resolve("sub").toString()), file.toString(), "Not a directory");
        Path locked = Files.createDirectories(folder.resolve("odd/vault.lock"));
        assertRefused(List.of("run", "--data", locked.getParent().toString()), locked.toString(), "Is a directory");
        assertRefused(run("--address", "127.0.0.1:0", "--postgres-programs", file.toString()), file.toString());
    }

    @Test
    void namesThePortThatIsTakenBeforeItStartsADatabase() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            assertRefused(run("--address", address), "IN_USE", address, "--address");
        }
        assertThat(folder.resolve("vault/postgres")).doesNotExist();
    }

    @Test
    void namesTheDatabaseThatIsNone() {
        assertRefused(database("nonsense", file), "\"nonsense\"", "jdbc:postgresql://");
        assertRefused(database("jdbc:postgresql://127.0.0.1:1/x", folder.resolve("none")), "none", "no file");
        assertRefused(database("jdbc:postgresql://127.0.0.1:1/x", folder), folder.toString(), "Is a directory");
    }

    @Test
    void namesTheDatabaseThatDoesNotAnswer() {
        assertRefused(database("jdbc:postgresql://127.0.0.1:1/x", file),
                "DATABASE_UNREACHABLE", "jdbc:postgresql://127.0.0.1:1/x", "Check that PostgreSQL runs");
    }

    private List<String> database(String url, Path passwordFile) {
        return run("--address", "127.0.0.1:0", "--database-url", url, "--database-user", "u",
                "--database-password-file", passwordFile.toString());
    }

    private List<String> run(String... more) {
        List<String> words = new ArrayList<>(List.of("run", "--data", folder.resolve("vault").toString()));
        words.addAll(List.of(more));
        return words;
    }

    private static void assertRefused(List<String> words, String... told) {
        Answer answer = answer(words);
        assertThat(answer.code()).as("%s", words).isEqualTo(1);
        assertThat(answer.text()).as("%s", words).contains(told).doesNotContain("Exception", "\tat ");
    }

    private static Answer answer(List<String> words) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text, true);
        int code = Main.commandLine().setOut(out).setErr(out).execute(words.toArray(String[]::new));
        return new Answer(code, text.toString());
    }

    @Test
    void refusesANameOfThisMachineThatLeadsToItAlone() throws UnknownHostException {
        InetAddress own = InetAddress.getByAddress(new byte[] {127, 0, 1, 1});

        assertThatThrownBy(() -> VaultConfig.requireInReach("vault.example", own))
                .hasMessageContaining("127.0.1.1").hasMessageContaining("--advertise vault.example");
        VaultConfig.requireInReach("localhost", own);
        VaultConfig.requireInReach("127.0.1.1", own);
        VaultConfig.requireInReach("::1", InetAddress.getByName("::1"));
    }
}
