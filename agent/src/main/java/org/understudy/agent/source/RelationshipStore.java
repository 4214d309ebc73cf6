package org.understudy.agent.source;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.command.CommandCodec;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.ItemId;

/**
 * The owner of {@code relationships/<item>/}: {@code relationship.json}, what was asked; {@code state.json}, how far it
 * has come; {@code definition.xml}, how the VM was last defined. Every write is durable when it returns. Callers see to
 * it that one thread at a time writes each of them.
 */
public final class RelationshipStore {
    private static final ObjectMapper JSON = CommandCodec.mapper();

    private final Path root;

    public RelationshipStore(Path agentFolder) throws IOException {
        this.root = Folders.make(agentFolder.resolve("relationships"), FolderAccess.PRIVATE);
    }

    /** Every relationship that was not removed. */
    public List<Relationship> all() throws IOException {
        List<Relationship> found = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(root)) {
            for (Path folder : folders) {
                Optional<byte[]> bytes = DurableFile.read(folder.resolve("relationship.json"));
                if (bytes.isPresent()) {
                    found.add(JSON.readValue(bytes.get(), Relationship.class));
                }
            }
        }
        return found;
    }

    public void save(Relationship relationship) throws IOException {
        Path folder = Folders.make(folder(relationship.item()), FolderAccess.PRIVATE);
        DurableFile.replace(folder.resolve("relationship.json"), JSON.writeValueAsBytes(relationship));
    }

    Optional<SourceState> state(ItemId item) throws IOException {
        Optional<byte[]> bytes = DurableFile.read(folder(item).resolve("state.json"));
        return bytes.isPresent() ? Optional.of(JSON.readValue(bytes.get(), SourceState.class)) : Optional.empty();
    }

    void save(ItemId item, SourceState state) throws IOException {
        DurableFile.replace(folder(item).resolve("state.json"), JSON.writeValueAsBytes(state));
    }

    /** The VM's definition as last seen; empty before it was seen once. */
    Optional<String> definition(ItemId item) throws IOException {
        return DurableFile.read(folder(item).resolve("definition.xml"))
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    void saveDefinition(ItemId item, String definition) throws IOException {
        DurableFile.replace(folder(item).resolve("definition.xml"), definition.getBytes(StandardCharsets.UTF_8));
    }

    /** Forgets an item; the relationship first, so that a crash between leaves nothing that would start again. */
    public void remove(ItemId item) throws IOException {
        Path folder = folder(item);
        if (Files.isDirectory(folder)) {
            DurableFile.delete(folder.resolve("relationship.json"));
            DurableFile.delete(folder.resolve("state.json"));
            DurableFile.delete(folder.resolve("definition.xml"));
            Files.delete(folder);
        }
    }

    private Path folder(ItemId item) {
        return root.resolve(item.toString());
    }
}
