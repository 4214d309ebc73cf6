package org.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.VaultAddress;
import org.understudy.model.FailureException;
import picocli.CommandLine;

/** What the commands promise before they speak to a vault. */
class CommandsTest {
    private static final Context.Wanted NOTHING =
            new Context.Wanted(Optional.empty(), Optional.empty(), Optional.empty());

    private static Stream<CommandLine> all(CommandLine command) {
        return Stream.concat(Stream.of(command), command.getSubcommands().values().stream().flatMap(CommandsTest::all));
    }

    private static String[] words(CommandLine command) {
        return command.getCommandSpec().qualifiedName(" ").replaceFirst("^understudy ?", "").split(" ");
    }

    @Test
    void everyCommandHelpsAndSaysWhatItIs() {
        CommandLine root = Main.commandLine();
        all(root).filter(command -> !command.getCommandName().matches("help|understudy"))
                .forEach(command -> {
                    StringWriter out = new StringWriter();
                    String[] words = Stream.concat(Stream.of(words(command)), Stream.of("--help"))
                            .toArray(String[]::new);
                    int exit = root.setOut(new PrintWriter(out)).execute(words);
                    assertThat(exit).as(String.join(" ", words)).isZero();
                    assertThat(out.toString()).contains("Usage: understudy " + command.getCommandSpec()
                            .qualifiedName(" ").substring("understudy ".length()));
                    assertThat(command.getCommandSpec().usageMessage().description()).isNotEmpty();
                });
    }

    @Test
    void everyOperationOnAnItemCanBeWaitedForRehearsedAndReadByAProgram() {
        CommandLine root = Main.commandLine();
        for (String words : List.of("failover test", "failover cleanup", "failover planned", "failover start",
                "failover change-point", "failover abandon", "failover reverse", "commit", "complete-migration",
                "disable", "point let-go", "item pause", "item resume")) {
            CommandLine command = root;
            for (String word : words.split(" ")) {
                command = command.getSubcommands().get(word);
            }
            assertThat(command.getCommandSpec().optionsMap()).as(words)
                    .containsKeys("--wait", "--dry-run", "--output");
        }
    }

    @Test
    void nothingIsTakenAwayUnaskedWhereNobodyCanBeAsked() {
        for (String words : List.of("failover planned", "failover start", "failover change-point", "commit",
                "complete-migration", "disable")) {
            StringWriter err = new StringWriter();
            int exit = Main.commandLine().setErr(new PrintWriter(err)).execute((words + " web01").split(" "));
            assertThat(exit).as(words + ": " + err).isEqualTo(CommandLine.ExitCode.USAGE);
            assertThat(err.toString()).contains("web01", "add --yes to confirm it");
        }
    }

    @Test
    void completionNamesTheCommands() {
        StringWriter out = new StringWriter();
        Main.commandLine().setOut(new PrintWriter(out)).execute("completion");
        assertThat(out.toString()).contains("failover", "registration-key", "--recent-window");
    }

    @Test
    void remembersAVaultForItsOwnerAlone(@TempDir Path home) throws IOException {
        Map<String, String> environment = Map.of("XDG_CONFIG_HOME", home.toString());
        VaultAddress vault = new VaultAddress(URI.create("https://vault:8443"), "PEM", "secret");
        Path file = Context.remember(vault, environment);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(Context.find(NOTHING, environment)).isEqualTo(vault);
    }

    @Test
    void flagsWinOverTheEnvironmentAndThatOverWhatIsRemembered(@TempDir Path home) throws IOException {
        Path token = Files.writeString(home.resolve("token"), "from-environment\n");
        Map<String, String> environment = Map.of("XDG_CONFIG_HOME", home.toString(),
                "UNDERSTUDY_VAULT", "https://environment:1", "UNDERSTUDY_TOKEN_FILE", token.toString());
        Context.remember(new VaultAddress(URI.create("https://remembered:1"), "PEM", "remembered"), environment);
        VaultAddress found = Context.find(new Context.Wanted(
                Optional.of("https://flag:1"), Optional.empty(), Optional.empty()), environment);
        assertThat(found.address()).hasHost("flag");
        assertThat(found.token()).isEqualTo("from-environment");
        assertThat(found.authority()).isEqualTo("PEM");
    }

    @Test
    void saysHowToNameAVaultWhenNoneIsKnown(@TempDir Path home) {
        assertThatThrownBy(() -> Context.find(NOTHING, Map.of("XDG_CONFIG_HOME", home.toString())))
                .isInstanceOfSatisfying(FailureException.class, unknown ->
                        assertThat(unknown.failure().recommendedAction()).contains("--vault", "understudy login"));
    }
}
