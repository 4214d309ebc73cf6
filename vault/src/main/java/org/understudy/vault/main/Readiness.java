package org.understudy.vault.main;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;

/**
 * Whether the vault can do its work just now, and why not. Looked at once a second at most, however often strangers
 * ask. Safe for many threads.
 */
final class Readiness {
    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();
    /** Bytes; below it the database may not take the next change. */
    private static final long SPACE_MIN = 64L * 1024 * 1024;

    private final Database database;
    private final Path folder;
    private final LongSupplier nanos;
    private final Lock lock = new ReentrantLock();
    private Optional<Look> last = Optional.empty();

    private record Look(long at, Optional<String> trouble) {}

    Readiness(Database database, Path folder, LongSupplier nanos) {
        this.database = database;
        this.folder = folder;
        this.nanos = nanos;
    }

    /** What is in the way; empty when nothing is. */
    Optional<String> trouble() {
        lock.lock();
        try {
            long now = nanos.getAsLong();
            Look look = last.filter(known -> now - known.at() < FRESH_NANOS).orElseGet(() -> new Look(now, look()));
            last = Optional.of(look);
            return look.trouble();
        } finally {
            lock.unlock();
        }
    }

    private Optional<String> look() {
        try {
            database.query("select 1 as one", row -> row.integer("one"));
            long space = Files.getFileStore(folder).getUsableSpace();
            return space >= SPACE_MIN ? Optional.empty()
                    : Optional.of("The disk of the vault's folder is full: " + space / 1024 + " KiB are left.");
        } catch (DatabaseException e) {
            return Optional.of("The vault's database " + e.trouble() + ".");
        } catch (IOException e) {
            return Optional.of("The vault's folder cannot be looked at: " + e.getMessage() + ".");
        }
    }
}
