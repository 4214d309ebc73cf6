package org.understudy.vault.access;

import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.VaultId;
import org.understudy.vault.database.SecretFile;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.Row;

/**
 * The table {@code registration_key}: what lets a host join this vault and no other, for 5 days at most (V-03). A key
 * is for one host unless it was made for more; either for hosts with new names, or for one registered host that is set
 * up anew. Of its secret the hash alone is kept.
 *
 * <p>A secret is {@code <vault>.<key>.<random>}: so a key of another vault is told from a damaged one.
 */
public final class RegistrationKeyStore {
    public static final Duration VALID_AT_MOST = Duration.ofDays(5);
    public static final int HOSTS_AT_MOST = 100;

    private static final String SELECT =
            """
            select k.id, k.hash, k.site, k.host, h.name as host_name, k.hosts_max, k.hosts_used, k.created_at,
                   k.created_by, k.expires_at, k.used_at, k.revoked_at
            from registration_key k left join host h on h.id = k.host
            """;

    private final Database database;
    private final VaultId vault;
    private final Clock clock;

    public RegistrationKeyStore(Database database, VaultId vault, Clock clock) {
        this.database = database;
        this.vault = vault;
        this.clock = clock;
    }

    /**
     * What a key is good for.
     *
     * @param site where its hosts will belong
     * @param host the registered host that may be set up anew with it; empty for hosts with new names
     * @param hosts how many may join with it, 1 to 100
     */
    public record Purpose(Optional<String> site, Optional<HostId> host, int hosts) {}

    /** A new key, told once. */
    public record NewKey(UUID id, String secret, Instant expiresAt) {}

    /** A key as it is kept. */
    public record KnownKey(
            UUID id, Purpose purpose, Optional<String> hostName, Made made, Used used) {
        boolean isSpent() {
            return used.hosts() >= purpose.hosts();
        }
    }

    /** Who made a key, and until when it is good. */
    public record Made(Instant at, String by, Instant expiresAt) {}

    /** What became of a key. */
    public record Used(int hosts, Optional<Instant> lastAt, Optional<Instant> revokedAt) {}

    private record Kept(byte[] hash, KnownKey key) {}

    /** Makes a key. */
    public NewKey create(Purpose purpose, Duration validFor, String createdBy) {
        UUID id = UUID.randomUUID();
        String secret = vault + "." + id + "." + SecretFile.newSecret();
        Instant now = clock.instant();
        Instant expiresAt = now.plus(validFor);
        database.update(
                """
                insert into registration_key (id, hash, site, host, hosts_max, created_at, created_by, expires_at)
                values (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                id, Digest.of(secret), purpose.site(), purpose.host().map(HostId::value), purpose.hosts(), now,
                createdBy, expiresAt);
        return new NewKey(id, secret, expiresAt);
    }

    /** The newest 1000, newest first. */
    public List<KnownKey> list() {
        return database.query(SELECT + "order by k.created_at desc, k.id limit 1000", row -> kept(row).key());
    }

    /** Ends a key now; NOT_FOUND if there is none. Hosts that joined with it stay. */
    public KnownKey revoke(UUID id) {
        if (database.update("update registration_key set revoked_at = ? where id = ? and revoked_at is null",
                clock.instant(), id) == 0 && find(id).isEmpty()) {
            throw FailureException.of(FailureCode.NOT_FOUND, "There is no registration key " + id + ".",
                    "List the keys: understudy registration-key list");
        }
        return find(id).orElseThrow().key();
    }

    /**
     * The key that this secret belongs to, used once more by that; refuses one that is damaged, of another vault,
     * expired, revoked or used up. Within the registration's transaction: what is refused later gives the use back.
     */
    public KnownKey use(String secret) {
        KnownKey key = check(secret);
        int used = database.update(
                """
                update registration_key set hosts_used = hosts_used + 1, used_at = ?
                where id = ? and hosts_used < hosts_max and revoked_at is null
                """,
                clock.instant(), key.id());
        if (used == 0) {
            throw spent(key);
        }
        return key;
    }

    private KnownKey check(String secret) {
        String[] parts = secret.strip().split("\\.");
        if (parts.length != 3) {
            throw invalid();
        }
        UUID id = parse(parts[1]);
        if (!parse(parts[0]).equals(vault.value())) {
            throw FailureException.of(FailureCode.REGISTRATION_KEY_OF_ANOTHER_VAULT,
                    "the registration key was made by vault %s; this is vault %s".formatted(parts[0], vault));
        }
        Kept kept = find(id).orElseThrow(RegistrationKeyStore::invalid);
        if (!MessageDigest.isEqual(kept.hash(), Digest.of(secret.strip()))) {
            throw invalid();
        }
        KnownKey key = kept.key();
        if (!clock.instant().isBefore(key.made().expiresAt())) {
            throw FailureException.of(FailureCode.REGISTRATION_KEY_EXPIRED,
                    "the registration key expired at " + key.made().expiresAt());
        }
        if (key.isSpent() || key.used().revokedAt().isPresent()) {
            throw spent(key);
        }
        return key;
    }

    /** Deletes keys that expired longer ago; until then their holders are told that they expired. */
    public int forgetExpired(Duration longerAgo) {
        return database.update("delete from registration_key where expires_at < ?", clock.instant().minus(longerAgo));
    }

    private Optional<Kept> find(UUID id) {
        return database.first(SELECT + "where k.id = ?", RegistrationKeyStore::kept, id);
    }

    private static Kept kept(Row row) {
        Purpose purpose = new Purpose(row.optionalText("site"), row.optionalUuid("host").map(HostId::new),
                row.integer("hosts_max"));
        return new Kept(row.bytes("hash"), new KnownKey(row.uuid("id"), purpose, row.optionalText("host_name"),
                new Made(row.instant("created_at"), row.text("created_by"), row.instant("expires_at")),
                new Used(row.integer("hosts_used"), row.optionalInstant("used_at"),
                        row.optionalInstant("revoked_at"))));
    }

    private static FailureException spent(KnownKey key) {
        return FailureException.of(FailureCode.REGISTRATION_KEY_SPENT, key.used().revokedAt()
                .map(at -> "The registration key was revoked at " + at + ".")
                .orElseGet(() -> "The registration key was used%s; it was made for %s.".formatted(
                        key.used().lastAt().map(at -> " at " + at).orElse(""),
                        key.purpose().hosts() == 1 ? "one host" : key.purpose().hosts() + " hosts")));
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
