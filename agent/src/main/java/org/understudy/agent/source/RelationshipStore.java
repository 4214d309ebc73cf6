package org.understudy.agent.source;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.understudy.command.CommandCodec;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;

/**
 * The owner of {@code relationships/<item>/}: {@code relationship.json}, what was asked; {@code state.json}, how far it
 * has come; {@code definition-1-42.xml}, how the VM is defined from a position on. Every write is durable when it
 * returns. Callers see to
 * it that one thread at a time writes each of them.
 */
public final class RelationshipStore {
    private static final ObjectMapper JSON = CommandCodec.mapper();
    private static final Pattern DEFINITION = Pattern.compile("definition-([1-9][0-9]{0,17})-([0-9]{1,18})\\.xml");
    /** As an agent of the first release noted it: of no position in particular. */
    private static final String WITHOUT_POSITION = "definition.xml";

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

    /** The VM's definition at a position: the newest that was noted at or before it. */
    Optional<String> definition(ItemId item, LogPosition position) throws IOException {
        Map.Entry<LogPosition, Path> noted = definitions(item).floorEntry(position);
        return DurableFile.read(noted == null ? folder(item).resolve(WITHOUT_POSITION) : noted.getValue())
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    /** Notes that the VM is defined so from a position on. */
    void saveDefinition(ItemId item, LogPosition position, String definition) throws IOException {
        DurableFile.replace(folder(item).resolve("definition-" + position + ".xml"),
                definition.getBytes(StandardCharsets.UTF_8));
    }

    /** Forgets what no position from this one on needs. */
    void forgetDefinitionsBefore(ItemId item, LogPosition position) throws IOException {
        NavigableMap<LogPosition, Path> noted = definitions(item);
        LogPosition needed = noted.floorKey(position);
        if (needed != null) {
            for (Path old : noted.headMap(needed).values()) {
                Files.deleteIfExists(old);
            }
            Files.deleteIfExists(folder(item).resolve(WITHOUT_POSITION));
        }
    }

    private NavigableMap<LogPosition, Path> definitions(ItemId item) throws IOException {
        NavigableMap<LogPosition, Path> noted = new TreeMap<>(Comparator.comparingLong(LogPosition::generation)
                .thenComparingLong(LogPosition::sequence));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder(item), "definition-*.xml")) {
            for (Path file : files) {
                Matcher name = DEFINITION.matcher(file.getFileName().toString());
                if (name.matches()) {
                    noted.put(new LogPosition(Long.parseLong(name.group(1)), Long.parseLong(name.group(2))), file);
                }
            }
        } catch (NoSuchFileException e) {
            return noted;
        }
        return noted;
    }

    /** Forgets an item; the relationship first, so that a crash between leaves nothing that would start again. */
    public void remove(ItemId item) throws IOException {
        Path folder = folder(item);
        if (Files.isDirectory(folder)) {
            DurableFile.delete(folder.resolve("relationship.json"));
            DurableFile.delete(folder.resolve("state.json"));
            DurableFile.delete(folder.resolve(WITHOUT_POSITION));
            for (Path definition : definitions(item).values()) {
                DurableFile.delete(definition);
            }
            Files.delete(folder);
        }
    }

    private Path folder(ItemId item) {
        return root.resolve(item.toString());
    }
}
