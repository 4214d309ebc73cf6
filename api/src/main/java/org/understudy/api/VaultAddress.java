package org.understudy.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.understudy.model.VaultUrl;

/**
 * Where a vault is and how it is known.
 *
 * @param address such as {@code https://vault.example:8443}
 * @param authority the vault's own certificate authority, PEM; nothing else is trusted
 * @param token sent as bearer token; never written to a log
 */
public record VaultAddress(URI address, String authority, String token) {
    private static final int TOKEN_MAX = 4096;

    public VaultAddress {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(authority, "authority");
        token = token.strip();
        address = VaultUrl.parse(address.toString()).uri();
        if (!isToken(token)) {
            throw new IllegalArgumentException("a token is one word of plain characters");
        }
    }

    /** Whether this can be a token: one word of visible ASCII, as a header can carry it. */
    public static boolean isToken(String text) {
        return !text.isEmpty() && text.length() <= TOKEN_MAX && text.chars().allMatch(it -> it > ' ' && it < 127);
    }

    /** With authority and token from files. */
    public static VaultAddress of(URI address, Path authorityFile, Path tokenFile) {
        try {
            return new VaultAddress(address, Files.readString(authorityFile), Files.readString(tokenFile));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
