package org.understudy.agent.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is typed after {@code understudy agent}, the answer names it and says what is wrong, in no Java words. */
class CommandLineTest {
    @TempDir
    private Path folder;

    private Path file;
    private Path registrationKey;

    private record Answer(int code, String text) {}

    @BeforeEach
    void rubbish() throws IOException {
        file = Files.writeString(folder.resolve("file"), "rubbish");
        registrationKey = folder.resolve("nothing.key");
    }

    @Test
    void answersWrongUsageWithCodeTwo() {
        for (List<String> words : List.of(List.<String>of(), List.of("xyzzy"), List.of("run"), List.of("register"),
                List.of("run", "--data"), List.of("run", "--data", ""), List.of("changelog", ""),
                run("--replication-port", "x"), run("--replication-port", "0"), run("--replication-port", "-1"),
                run("--replication-port", "65536"), run("--replication-port", "99999999999"),
                run("--libvirt-uri", ""), run("--libvirt-uri", "garbage"), run("--libvirt-uri", "/run/libvirt"),
                register("--replication-port", "-5"), register("--key", " "))) {
            Answer answer = answer(words);
            assertThat(answer.code()).as("%s", words).isEqualTo(2);
            assertThat(answer.text()).as("%s", words).contains("Usage: understudy agent");
        }
        assertThat(answer(run("--replication-port", "65536")).text()).contains("65536", "1 to 65535");
    }

    @Test
    void namesTheFolderThatIsNone() {
        assertRefused(List.of("run", "--data", file.toString()), file.toString(), "Not a directory");
        assertRefused(List.of("run", "--data", folder.resolve("none").toString()), "none", "Register this host");
        assertRefused(List.of("register", "--key", registrationKey.toString(), "--data", file.toString(),
                "--replication-address", "a"), file.toString(), "Not a directory");
        assertRefused(List.of("register", "--key", registrationKey.toString(), "--data", "/proc/none",
                "--replication-address", "a"), "/proc", "--data");
    }

    @Test
    void namesTheKeyThatIsNone() {
        for (Path key : List.of(registrationKey, folder, file)) {
            assertRefused(register("--key", key.toString()), "REGISTRATION_KEY_INVALID", key.toString());
        }
    }

    @Test
    void namesTheLogThatIsNone() {
        assertRefused(List.of("changelog", folder.resolve("none").toString()), "none", "no such file");
        assertRefused(List.of("changelog", folder.toString()), folder.toString(), "Is a directory");
        assertThat(answer(List.of("changelog", file.toString())).text()).contains(file.toString());
    }

    @Test
    void namesTheIdentityThatIsDamaged() throws IOException {
        Path identity = Files.createDirectories(folder.resolve("agent/identity")).resolve("identity.json");
        for (String damaged : List.of("", "null", "{}", "[]", "\u0000", "{\"host\": \"me\"}")) {
            Files.writeString(identity, damaged);
            assertRefused(List.of("run", "--data", folder.resolve("agent").toString()),
                    identity.toString(), "damaged", "register");
        }
    }

    @Test
    void doesNotRunAHostWhoseIdentityIsLost() throws IOException {
        Files.createDirectories(folder.resolve("agent/relationships/item"));
        assertRefused(List.of("run", "--data", folder.resolve("agent").toString()),
                "AGENT_FOLDER_INCOMPLETE", "relationships", "identity.json", "registration-key create --host");
    }

    private List<String> run(String... more) {
        return Stream.concat(Stream.of("run", "--data", folder.resolve("agent").toString()), Stream.of(more)).toList();
    }

    private List<String> register(String option, String value) {
        Stream<String> rest = option.equals("--key") ? Stream.of() : Stream.of("--key", registrationKey.toString());
        return Stream.concat(Stream.of("register", "--data", folder.resolve("agent").toString(),
                "--replication-address", "10.0.0.1", option, value), rest).toList();
    }

    private static void assertRefused(List<String> words, String... told) {
        Answer answer = answer(words);
        assertThat(answer.code()).as("%s", words).isEqualTo(1);
        assertThat(answer.text()).as("%s", words).contains(told).doesNotContain("Exception", "\tat ");
        assertThat(answer.text().lines()).as("the code, the message, the action").hasSize(3);
    }

    private static Answer answer(List<String> words) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text, true);
        int code = Main.commandLine().setOut(out).setErr(out).execute(words.toArray(String[]::new));
        return new Answer(code, text.toString());
    }
}
