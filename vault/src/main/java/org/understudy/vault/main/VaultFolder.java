package org.understudy.vault.main;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.understudy.api.ApiCodec;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VaultId;
import org.understudy.vault.access.VaultIdentity;
import org.understudy.vault.database.DataFolder;
import org.understudy.vault.database.SecretFile;

/**
 * What makes a folder that of one vault, and its refusal to make anew what was lost: a vault is founded in a folder
 * that has nothing of one. {@code vault.json} names the vault whose folder it is; {@code vault.founding} says that a
 * first start has not come to its end.
 *
 * <p>The administrator's token alone is made anew when its file is gone: deleting it is how a person replaces it.
 */
final class VaultFolder {
    private final DataFolder folder;
    private final List<Path> needed;
    private final Path identity;
    private final Path founding;
    private boolean isFresh;

    /**
     * Of a folder.
     *
     * @param embedded whether the database lies in it
     */
    VaultFolder(DataFolder folder, boolean embedded) {
        this.folder = folder;
        List<Path> files = new ArrayList<>(List.of(folder.file("authority.key"), folder.file("authority.pem")));
        if (embedded) {
            files.addAll(List.of(folder.file("postgres"), folder.file("postgres.password")));
        }
        this.needed = List.copyOf(files);
        this.identity = folder.file("vault.json");
        this.founding = folder.file("vault.founding");
    }

    /** Before anything is made: all is there, or nothing is; otherwise says what is missing. */
    void requireWhole() throws IOException {
        if (Files.exists(founding)) {
            // A first start was cut off: nobody has used what it made, and the authority is founded anew whole.
            Files.deleteIfExists(folder.file("authority.pem"));
            Files.deleteIfExists(folder.file("authority.key"));
            return;
        }
        List<Path> missing = needed.stream().filter(file -> !Files.exists(file)).toList();
        boolean nothing = missing.size() == needed.size() && !Files.exists(identity)
                && !Files.exists(folder.file("admin.token"));
        if (nothing) {
            SecretFile.write(founding, "");
            isFresh = true;
        } else if (!missing.isEmpty()) {
            throw incomplete("The folder %s is that of a vault, and %s missing from it.".formatted(folder.path(),
                    missing.stream().map(file -> file.getFileName().toString()).toList() + (
                            missing.size() == 1 ? " is" : " are")));
        }
    }

    /** The database is open: it is the one of this folder's vault, and one that was made for it. */
    void requireSame(Optional<VaultIdentity> inDatabase) throws IOException {
        Optional<VaultId> here = kept();
        boolean isNew = Files.exists(founding);
        if (isFresh && inDatabase.isPresent()) {
            Files.delete(founding);
            throw incomplete("The database is that of vault %s, and the folder %s has nothing of it.".formatted(
                    inDatabase.get().id(), folder.path()));
        }
        if (!isNew && inDatabase.isEmpty()) {
            throw incomplete("The folder %s is that of a vault%s, and the database has none.".formatted(
                    folder.path(), here.map(id -> ", " + id).orElse("")));
        }
        if (here.isPresent() && inDatabase.isPresent() && !here.get().equals(inDatabase.get().id())) {
            throw incomplete("The folder %s is that of vault %s, and the database that of vault %s.".formatted(
                    folder.path(), here.get(), inDatabase.get().id()));
        }
    }

    /** Everything of the vault is there, durably. */
    void isFounded(VaultIdentity vault) throws IOException {
        if (!Files.exists(identity)) {
            SecretFile.write(identity, ApiCodec.mapper().writerWithDefaultPrettyPrinter()
                    .writeValueAsString(Map.of("vault", vault.id())) + "\n");
        }
        Files.deleteIfExists(founding);
    }

    private Optional<VaultId> kept() throws IOException {
        if (!Files.exists(identity)) {
            return Optional.empty();
        }
        JsonNode json = ApiCodec.mapper().readTree(SecretFile.read(identity));
        try {
            return Optional.of(VaultId.parse(json.path("vault").asText()));
        } catch (IllegalArgumentException e) {
            throw FailureException.of(FailureCode.VAULT_FOLDER_INCOMPLETE, "The file " + identity + " is damaged.")
                    .causedBy(e);
        }
    }

    private static FailureException incomplete(String message) {
        return FailureException.of(FailureCode.VAULT_FOLDER_INCOMPLETE, message);
    }
}
