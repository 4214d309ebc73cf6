package org.understudy.vault.main;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.OptionsFile;
import org.understudy.vault.database.DatabaseConfig;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code understudy vault}: the control plane as a process. */
@Command(name = "understudy vault", description = "The control plane.", subcommands = {Main.Run.class},
        mixinStandardHelpOptions = true, synopsisSubcommandLabel = "run",
        footer = {"", "\"understudy vault show\" asks a vault that runs."})
public final class Main {
    private Main() {}

    /** Runs the command line and exits with its code. */
    public static void main(String[] arguments) {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        System.exit(execute(commandLine(), arguments));
    }

    /** Runs what was typed, completed by the options that the administrator wrote down. */
    private static int execute(CommandLine commands, String... arguments) {
        try {
            Map<String, Set<String>> known = new HashMap<>();
            commands.getSubcommands().forEach((name, command) ->
                    known.put(name, command.getCommandSpec().optionsMap().keySet()));
            return commands.execute(OptionsFile.completed(arguments, known));
        } catch (FailureException e) {
            return tell(e, commands);
        }
    }

    /** The parser with all commands; its writers may be replaced. */
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .registerConverter(InetSocketAddress.class, Main::address)
                .registerConverter(Path.class, Main::path)
                .setExecutionExceptionHandler((e, command, result) -> tell(e, command));
    }

    private static int tell(Exception problem, CommandLine command) {
        Failure failure = FailureTeller.failure(problem);
        if (failure.code() == FailureCode.INTERNAL_ERROR) {
            LoggerFactory.getLogger(Main.class).error("vault met a defect", problem);
        }
        command.getErr().println("error: " + failure.code());
        command.getErr().println("  " + failure.message());
        command.getErr().println("  " + failure.recommendedAction());
        return 1;
    }

    private static InetSocketAddress address(String text) {
        try {
            return VaultConfig.parseAddress(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    /** An empty path would be the folder in which the command was typed. */
    private static Path path(String text) {
        if (text.isBlank()) {
            throw new TypeConversionException("it is empty");
        }
        return Path.of(text);
    }

    static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion()).orElse("development");
    }

    /** {@code understudy vault run}: starts a vault and stays until it is told to end. */
    @Command(name = "run", description = "Run a vault until it is told to end.", mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Run implements Callable<Integer> {
        private static final Logger LOG = LoggerFactory.getLogger(Run.class);

        @Option(names = "--data", required = true, paramLabel = "DIR",
                description = "The vault's folder; made if it is not there.")
        private Path data;

        @Option(names = "--address", defaultValue = "0.0.0.0:8443", paramLabel = "HOST:PORT",
                description = "Where to listen (${DEFAULT-VALUE}).")
        private InetSocketAddress address;

        @Option(names = "--advertise", split = ",", paramLabel = "NAME",
                description = "Names or addresses by which agents and people reach the vault, the best one first "
                        + "(the machine's own).")
        private List<String> advertised = List.of();

        @Option(names = "--name", paramLabel = "NAME", description = "What people call the vault.")
        private Optional<String> name = Optional.empty();

        @Option(names = "--postgres-programs", paramLabel = "DIR",
                description = "Where the vault's own PostgreSQL is unpacked (DIR/programs of --data).")
        private Optional<Path> programs = Optional.empty();

        @ArgGroup(exclusive = false)
        private ExternalDatabase external;

        /** The options of a PostgreSQL that somebody else keeps. */
        static final class ExternalDatabase {
            @Option(names = "--database-url", required = true, paramLabel = "URL",
                    description = "A PostgreSQL to use instead of the vault's own: jdbc:postgresql://HOST/NAME")
            private String url;

            @Option(names = "--database-user", required = true, paramLabel = "USER", description = "Its user.")
            private String user;

            @Option(names = "--database-password-file", required = true, paramLabel = "FILE",
                    description = "A file with the user's password.")
            private Path passwordFile;
        }

        @Override
        public Integer call() throws Exception {
            CountDownLatch ended = new CountDownLatch(1);
            AtomicInteger code = new AtomicInteger();
            Vault vault = Vault.start(config(), Clock.systemUTC());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                ended.countDown();
                vault.close();
            }, "shutdown"));
            vault.onLost(() -> {
                LOG.error("the database is lost to this vault, which ends as well folder={}", data);
                code.set(1);
                ended.countDown();
            });
            tell(vault);
            ended.await();
            return code.get();
        }

        private VaultConfig config() {
            DatabaseConfig database = external == null
                    ? new DatabaseConfig.Embedded(data, programs.orElse(data.resolve("programs")))
                    : new DatabaseConfig.External(external.url, external.user, external.passwordFile);
            return new VaultConfig(data, address, advertised, name, database);
        }

        private static void tell(Vault vault) {
            System.out.printf("""
                    Vault "%s" (%s) answers at %s
                      authority  %s
                      token      %s
                      database   %s
                    Next: %s login --vault %s --ca %s --token-file %s
                    """,
                    vault.identity().name(), vault.identity().id(), vault.url(), vault.authorityFile(),
                    vault.tokenFile(), vault.databaseAddress(), System.getProperty("understudy.command", "understudy"),
                    vault.url(), vault.authorityFile(), vault.tokenFile());
            System.out.flush();
        }
    }
}
