package org.understudy.vault.access;

import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VaultId;
import org.understudy.vault.database.SecretFile;
import org.understudy.workflow.sql.Database;

/**
 * The table {@code registration_key}: what lets a host join this vault and no other, for 5 days at most (V-03). A key
 * may be used by several hosts within its time, once by each. Of its secret the hash alone is kept.
 *
 * <p>A secret is {@code <vault>.<key>.<random>}: so a key of another vault is told from a damaged one.
 */
public final class RegistrationKeyStore {
    public static final Duration VALID_AT_MOST = Duration.ofDays(5);

    private final Database database;
    private final VaultId vault;
    private final Clock clock;

    public RegistrationKeyStore(Database database, VaultId vault, Clock clock) {
        this.database = database;
        this.vault = vault;
        this.clock = clock;
    }

    /** A new key, told once. */
    public record NewKey(String secret, Instant expiresAt) {}

    /** A key that was presented and is good. */
    public record KnownKey(UUID id, Optional<String> site) {}

    private record Kept(byte[] hash, Optional<String> site, Instant expiresAt) {}

    /** Makes a key; {@code site} is where its hosts will belong. */
    public NewKey create(Optional<String> site, Duration validFor, String createdBy) {
        UUID id = UUID.randomUUID();
        String secret = vault + "." + id + "." + SecretFile.newSecret();
        Instant now = clock.instant();
        Instant expiresAt = now.plus(validFor);
        database.update(
                """
                insert into registration_key (id, hash, site, created_at, created_by, expires_at)
                values (?, ?, ?, ?, ?, ?)
                """,
                id, Digest.of(secret), site, now, createdBy, expiresAt);
        return new NewKey(secret, expiresAt);
    }

    /** The key that this secret belongs to; refuses one that is damaged, of another vault, or expired. */
    public KnownKey check(String secret) {
        String[] parts = secret.strip().split("\\.");
        if (parts.length != 3) {
            throw invalid();
        }
        UUID id = parse(parts[1]);
        if (!parse(parts[0]).equals(vault.value())) {
            throw FailureException.of(FailureCode.REGISTRATION_KEY_OF_ANOTHER_VAULT,
                    "the registration key was made by vault %s; this is vault %s".formatted(parts[0], vault));
        }
        Kept kept = database.first(
                "select hash, site, expires_at from registration_key where id = ?",
                row -> new Kept(row.bytes("hash"), row.optionalText("site"), row.instant("expires_at")), id)
                .orElseThrow(RegistrationKeyStore::invalid);
        if (!MessageDigest.isEqual(kept.hash(), Digest.of(secret.strip()))) {
            throw invalid();
        }
        if (!clock.instant().isBefore(kept.expiresAt())) {
            throw FailureException.of(FailureCode.REGISTRATION_KEY_EXPIRED,
                    "the registration key expired at " + kept.expiresAt());
        }
        return new KnownKey(id, kept.site());
    }

    /** Deletes keys that expired longer ago; until then their holders are told that they expired. */
    public int forgetExpired(Duration longerAgo) {
        return database.update("delete from registration_key where expires_at < ?", clock.instant().minus(longerAgo));
    }

    private static UUID parse(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw invalid().causedBy(e);
        }
    }

    private static FailureException invalid() {
        return FailureException.of(FailureCode.REGISTRATION_KEY_INVALID,
                "the registration key is none that this vault made, or it is damaged");
    }
}
