package org.understudy.vault.database;

import java.nio.file.Path;
import java.util.Objects;

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
                throw new IllegalArgumentException(
                        "the database's URL begins with jdbc:postgresql:, not \"" + url + "\"");
            }
        }
    }
}
