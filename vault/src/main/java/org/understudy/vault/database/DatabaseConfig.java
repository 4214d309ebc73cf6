package org.understudy.vault.database;

import java.nio.file.Path;
import java.util.Objects;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** Which PostgreSQL a vault uses. */
public sealed interface DatabaseConfig {
    /**
     * One of its own, below its data folder, started and stopped with the vault.
     *
     * @param programs where PostgreSQL's programs are unpacked; may be shared by several vaults
     */
    record Embedded(Path folder, Path programs) implements DatabaseConfig {
        public Embedded {
            Objects.requireNonNull(folder, "folder");
            Objects.requireNonNull(programs, "programs");
        }

        public Embedded(Path folder) {
            this(folder, folder.resolve("programs"));
        }
    }

    /**
     * One that somebody else keeps.
     *
     * @param url as {@code jdbc:postgresql://host:5432/understudy}
     * @param passwordFile a file with the password alone
     */
    record External(String url, String user, Path passwordFile) implements DatabaseConfig {
        public External {
            Objects.requireNonNull(user, "user");
            Objects.requireNonNull(passwordFile, "passwordFile");
            if (!url.startsWith("jdbc:postgresql:")) {
                throw FailureException.of(FailureCode.REQUEST_INVALID,
                        "The database's URL begins with jdbc:postgresql:, not \"" + url + "\".",
                        "Give it as jdbc:postgresql://HOST:5432/NAME to --database-url.");
            }
        }
    }
}
