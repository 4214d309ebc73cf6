package org.understudy.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.api.RegistrationKeyStateView;
import org.understudy.api.RegistrationKeyView;
import org.understudy.api.VaultClient;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code registration-key}: the keys with which hosts join. */
@Command(name = "registration-key", description = "Keys with which hosts join the vault.",
        mixinStandardHelpOptions = true, subcommands = {RegistrationKeyCommands.Create.class,
            RegistrationKeyCommands.ListAll.class, RegistrationKeyCommands.Revoke.class})
final class RegistrationKeyCommands {
    private static Table table(List<RegistrationKeyStateView> keys) {
        return Table.of(keys, key -> List.of(key.id(), key.state(), key.host().map(host -> "host " + host)
                .or(() -> key.site().map(site -> "site " + site)), key.used() + " of " + key.hosts(), key.createdBy(),
                key.createdAt(), key.expiresAt()), "ID", "STATE", "FOR", "USED", "MADE BY", "MADE", "EXPIRES");
    }

    /** {@code registration-key list}. */
    @Command(name = "list", description = "List the keys that were made, newest first; without their secrets.",
            sortOptions = false)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private Invocation invocation;

        @Override
        public Integer call() {
            return invocation.show(VaultClient::registrationKeys, RegistrationKeyCommands::table);
        }
    }

    /** {@code registration-key revoke}. */
    @Command(name = "revoke", description = "End a key; hosts that joined with it stay.", sortOptions = false)
    static final class Revoke implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "KEY", description = "its id, see \"registration-key list\"")
        private String key;

        @Override
        public Integer call() {
            return invocation.done(client -> client.revokeRegistrationKey(key), "revoked registration key", key);
        }
    }

    /** {@code registration-key create}: writes the key file, readable by its owner alone. */
    @Command(name = "create", description = "Make a key and write its file.", sortOptions = false)
    static final class Create implements Callable<Integer> {
        @Mixin
        private Connection connection;
        @ArgGroup(multiplicity = "1")
        private Whom whom;
        @Option(names = "--hosts", paramLabel = "N", defaultValue = "1",
                description = "how many hosts may join with it, up to 100 (default: ${DEFAULT-VALUE})")
        private int hosts;
        @Option(names = "--output", required = true, paramLabel = "FILE", description = "where the key is written")
        private Path file;
        @Option(names = "--valid-for", paramLabel = "DURATION", description = "up to P5D, which is the default")
        private Optional<Duration> validFor = Optional.empty();

        /** What the key is for. */
        static final class Whom {
            @Option(names = "--site", paramLabel = "SITE", description = "the site that new hosts join")
            private Optional<String> site = Optional.empty();
            @Option(names = "--host", paramLabel = "HOST",
                    description = "the registered host that is set up anew; takes an administrator")
            private Optional<String> host = Optional.empty();
        }

        @Override
        public Integer call() {
            // Before the key is made: one that cannot be written is of no use to anybody.
            create();
            boolean written = false;
            try (VaultClient client = connection.client()) {
                RegistrationKeyView key = client.createRegistrationKey(
                        new RegistrationKeyRequest(whom.site, validFor, whom.host, Optional.of(hosts)));
                Files.write(file, key.file().getBytes(StandardCharsets.UTF_8));
                written = true;
                connection.out().println("wrote registration key " + key.id() + " for "
                        + key.host().map(host -> "host " + host)
                                .orElse(hosts == 1 ? "one new host" : hosts + " new hosts")
                        + ", valid until " + Table.time(key.expiresAt()) + ", to " + file);
                connection.out().flush();
            } catch (IOException e) {
                throw unwritable(e);
            } finally {
                if (!written) {
                    remove();
                }
            }
            return CommandLine.ExitCode.OK;
        }

        private void create() {
            try {
                Files.createFile(file,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            } catch (FileAlreadyExistsException e) {
                throw FailureException.of(FailureCode.ALREADY_EXISTS, "file \"" + file + "\" exists already");
            } catch (IOException e) {
                throw unwritable(e);
            }
        }

        private void remove() {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                connection.spec().commandLine().getErr().println(
                        "the empty file " + file + " is left: " + FailureTeller.reason(e));
            }
        }

        private FailureException unwritable(IOException e) {
            return FailureException.of(FailureCode.REQUEST_INVALID,
                    "cannot write " + file + ": " + FailureTeller.reason(e),
                    "Name a file in a folder that is there and in which you may write.").causedBy(e);
        }
    }
}
