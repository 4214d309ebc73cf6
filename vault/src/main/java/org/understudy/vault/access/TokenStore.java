package org.understudy.vault.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.database.SecretFile;
import org.understudy.vault.http.Authentication;
import org.understudy.vault.http.Caller;
import org.understudy.vault.http.Role;
import org.understudy.workflow.sql.Database;

/** The table {@code access_token}: bearer tokens with a role. Of a token its hash alone is kept; it is told once. */
public final class TokenStore implements Authentication {
    static final String ADMIN = "admin";

    private final Database database;
    private final Clock clock;

    public TokenStore(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** A token as it is listed. */
    public record Token(String name, Role role, Instant createdAt, String createdBy) {}

    @Override
    public Optional<Caller> caller(String token) {
        return database.first(
                "select name, role from access_token where hash = ?",
                row -> new Caller(row.text("name"), row.word("role", Role.class)), (Object) Digest.of(token));
    }

    /** Makes a token and tells it. */
    String create(String name, Role role, String createdBy) {
        String token = SecretFile.newSecret();
        int created = database.update(
                """
                insert into access_token (name, role, hash, created_at, created_by) values (?, ?, ?, ?, ?)
                on conflict (name) do nothing
                """,
                name, role, Digest.of(token), clock.instant(), createdBy);
        if (created == 0) {
            throw FailureException.of(FailureCode.ALREADY_EXISTS, "there is a token named \"" + name + "\" already");
        }
        return token;
    }

    List<Token> list() {
        return database.query(
                "select name, role, created_at, created_by from access_token order by name",
                row -> new Token(row.text("name"), row.word("role", Role.class), row.instant("created_at"),
                        row.text("created_by")));
    }

    void delete(String name) {
        if (name.equals(ADMIN)) {
            throw FailureException.of(FailureCode.STATE_FORBIDS,
                    "the token \"admin\" belongs to the vault's data folder and cannot be deleted",
                    "To replace it, delete the file admin.token and start the vault again.");
        }
        if (database.update("delete from access_token where name = ?", name) == 0) {
            throw FailureException.of(FailureCode.NOT_FOUND, "there is no token named \"" + name + "\"");
        }
    }

    /**
     * Sees to it that the administrator's token in the file is one of this vault. Made at the first start; made anew
     * when somebody deleted the file, and then the one before is worth nothing.
     */
    public void establishAdmin(Path file) throws IOException {
        if (Files.exists(file)) {
            if (caller(SecretFile.read(file)).isPresent()) {
                return;
            }
        } else {
            // The file first: a kill between the two leaves a token that is no good yet, never one that nobody knows.
            SecretFile.write(file, SecretFile.newSecret() + "\n");
        }
        String token = SecretFile.read(file);
        database.update(
                """
                insert into access_token (name, role, hash, created_at, created_by) values (?, ?, ?, ?, 'vault')
                on conflict (name) do update set hash = excluded.hash, created_at = excluded.created_at
                """,
                ADMIN, Role.ADMINISTRATOR, Digest.of(token), clock.instant());
    }
}
