package org.understudy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.understudy.api.ApiCodec;
import org.understudy.api.VaultAddress;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * The vault that commands speak to: each of address, authority and token from its flag, else from the environment, else
 * from what {@code understudy login} remembered in {@code ~/.config/understudy/context.json}, which its owner alone can
 * read.
 */
final class Context {
    private Context() {}

    /** What the command line says of it. */
    record Wanted(Optional<String> vault, Optional<Path> authority, Optional<Path> tokenFile) {}

    /** What login remembered. */
    record Remembered(String vault, String authority, String token) {}

    static VaultAddress find(Wanted wanted, Map<String, String> environment) {
        Optional<Remembered> remembered = remembered(environment);
        String vault = wanted.vault()
                .or(() -> set(environment, "UNDERSTUDY_VAULT"))
                .or(() -> remembered.map(Remembered::vault))
                .orElseThrow(() -> unknown("address", "--vault", "UNDERSTUDY_VAULT"));
        String authority = wanted.authority()
                .or(() -> set(environment, "UNDERSTUDY_CA_FILE").map(Path::of))
                .map(Context::read)
                .or(() -> remembered.map(Remembered::authority))
                .orElseThrow(() -> unknown("certificate authority", "--ca", "UNDERSTUDY_CA_FILE"));
        String token = wanted.tokenFile()
                .or(() -> set(environment, "UNDERSTUDY_TOKEN_FILE").map(Path::of))
                .map(Context::read)
                .or(() -> remembered.map(Remembered::token))
                .orElseThrow(() -> unknown("token", "--token-file", "UNDERSTUDY_TOKEN_FILE"));
        try {
            return new VaultAddress(URI.create(vault), authority, token);
        } catch (IllegalArgumentException e) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, e.getMessage());
        }
    }

    /** Remembers the vault for later commands. */
    static Path remember(VaultAddress vault, Map<String, String> environment) {
        Path file = file(environment);
        try {
            Files.createDirectories(file.getParent());
            Path beside = Files.createTempFile(file.getParent(), "context", ".json",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            ApiCodec.mapper().writeValue(beside.toFile(),
                    new Remembered(vault.address().toString(), vault.authority(), vault.token()));
            return Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private static Optional<Remembered> remembered(Map<String, String> environment) {
        Path file = file(environment);
        try {
            return Optional.of(ApiCodec.mapper().readValue(Files.readString(file), Remembered.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException e) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, file + " is damaged: " + e.getOriginalMessage(),
                    "Delete it and log in again.");
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static Path file(Map<String, String> environment) {
        return set(environment, "XDG_CONFIG_HOME").map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".config"))
                .resolve("understudy").resolve("context.json");
    }

    private static Optional<String> set(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static FailureException unreadable(Path file, IOException e) {
        return FailureException.of(FailureCode.REQUEST_INVALID,
                "cannot read " + file + ": " + (e instanceof NoSuchFileException ? "no such file" : e.getMessage()),
                "Name a file that you can read.");
    }

    private static FailureException unknown(String what, String flag, String variable) {
        return FailureException.of(FailureCode.REQUEST_INVALID, "no " + what + " of a vault is known",
                "Give " + flag + " or " + variable + ", or run \"understudy login\" once.");
    }
}
