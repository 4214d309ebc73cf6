package org.understudy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
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
import org.understudy.model.FailureTeller;
import org.understudy.model.VaultUrl;

/**
 * The vault that commands speak to: each of address, authority and token from its flag, else from the environment, else
 * from what {@code understudy login} remembered in {@code ~/.config/understudy/context.json}, which its owner alone can
 * read.
 */
final class Context {
    private static final int FILE_BYTES_MAX = 1 << 20;

    private Context() {}

    /** What the command line says of it. */
    record Wanted(Optional<String> vault, Optional<Path> authority, Optional<Path> tokenFile) {}

    /** What login remembered. */
    record Remembered(String vault, String authority, String token) {
        private boolean isWhole() {
            return vault != null && authority != null && token != null;
        }
    }

    static VaultAddress find(Wanted wanted, Map<String, String> environment) {
        String vault = wanted.vault()
                .or(() -> set(environment, "UNDERSTUDY_VAULT"))
                .or(() -> remembered(environment).map(Remembered::vault))
                .orElseThrow(() -> unknown("address", "--vault", "UNDERSTUDY_VAULT"));
        String authority = wanted.authority()
                .or(() -> set(environment, "UNDERSTUDY_CA_FILE").map(Path::of))
                .map(Context::read)
                .or(() -> remembered(environment).map(Remembered::authority))
                .orElseThrow(() -> unknown("certificate authority", "--ca", "UNDERSTUDY_CA_FILE"));
        String token = wanted.tokenFile()
                .or(() -> set(environment, "UNDERSTUDY_TOKEN_FILE").map(Path::of))
                .map(Context::readToken)
                .or(() -> remembered(environment).map(Remembered::token))
                .orElseThrow(() -> unknown("token", "--token-file", "UNDERSTUDY_TOKEN_FILE"));
        return new VaultAddress(VaultUrl.parse(vault).uri(), authority, token);
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
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "cannot write " + file + ": " + FailureTeller.reason(e),
                    "Make its folder writable, or name another by XDG_CONFIG_HOME.").causedBy(e);
        }
    }

    private static Optional<Remembered> remembered(Map<String, String> environment) {
        Path file = file(environment);
        try {
            return Optional.ofNullable(ApiCodec.mapper().readValue(Files.readString(file), Remembered.class))
                    .filter(Remembered::isWhole).or(() -> {
                        throw damaged(file);
                    });
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonProcessingException | CharacterCodingException e) {
            throw damaged(file).causedBy(e);
        } catch (IOException e) {
            throw unreadable(file, FailureTeller.reason(e));
        }
    }

    private static FailureException damaged(Path file) {
        return FailureException.of(FailureCode.REQUEST_INVALID, file + " is damaged",
                "Log in again, which writes it anew.");
    }

    private static Path file(Map<String, String> environment) {
        return set(environment, "XDG_CONFIG_HOME").map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".config"))
                .resolve("understudy").resolve("context.json");
    }

    private static Optional<String> set(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /** Of a pipe too, whose size nobody knows before its end. */
    private static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(FILE_BYTES_MAX + 1);
            if (bytes.length > FILE_BYTES_MAX) {
                throw unreadable(file, "it is larger than any token or certificate");
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (IOException e) {
            throw unreadable(file, FailureTeller.reason(e));
        }
    }

    private static String readToken(Path file) {
        String token = read(file).strip();
        if (!VaultAddress.isToken(token)) {
            throw unreadable(file, token.isEmpty() ? "it is empty" : "it holds more than one word, which a token is");
        }
        return token;
    }

    private static FailureException unreadable(Path file, String why) {
        return FailureException.of(FailureCode.REQUEST_INVALID, "cannot use file \"" + file + "\": " + why,
                "Name the right file, and see that you may read it.");
    }

    private static FailureException unknown(String what, String flag, String variable) {
        return FailureException.of(FailureCode.REQUEST_INVALID, "no " + what + " of a vault is known",
                "Give " + flag + " or " + variable + ", or run \"understudy login\" once.");
    }
}
