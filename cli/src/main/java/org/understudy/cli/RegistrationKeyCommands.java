package org.understudy.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.api.RegistrationKeyView;
import org.understudy.api.VaultClient;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code registration-key}: the keys with which hosts join. */
@Command(name = "registration-key", description = "Keys with which hosts join the vault.",
        mixinStandardHelpOptions = true, subcommands = RegistrationKeyCommands.Create.class)
final class RegistrationKeyCommands {
    /** {@code registration-key create}: writes the key file, readable by its owner alone. */
    @Command(name = "create", description = "Make a key and write its file.", sortOptions = false)
    static final class Create implements Callable<Integer> {
        @Mixin
        private Connection connection;
        @Option(names = "--site", required = true, paramLabel = "SITE", description = "the site that hosts join")
        private String site;
        @Option(names = "--output", required = true, paramLabel = "FILE", description = "where the key is written")
        private Path file;
        @Option(names = "--valid-for", paramLabel = "DURATION", description = "up to P5D, which is the default")
        private Optional<Duration> validFor = Optional.empty();

        @Override
        public Integer call() {
            // Before the key is made: one that cannot be written is of no use to anybody.
            create();
            boolean written = false;
            try (VaultClient client = connection.client()) {
                RegistrationKeyView key = client.createRegistrationKey(
                        new RegistrationKeyRequest(Optional.of(site), validFor));
                Files.write(file, key.file().getBytes(StandardCharsets.UTF_8));
                written = true;
                connection.out().println("wrote registration key, valid until " + key.expiresAt() + ", to " + file);
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
