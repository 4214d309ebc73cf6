package org.understudy.agent.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.KeptJson;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.DiskName;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;

/**
 * The owner of {@code relationships/<item>/}, and of {@code relationships/<item>.<generation>/} for those after the
 * first: {@code relationship.json}, what was asked; {@code state.json}, how far it has come;
 * {@code definition-1-42.xml} and {@code machine-1-42.state}, how the VM is defined from a position on, and what its
 * firmware and TPM keep; {@code ended.json} in place of the first when it ended and something of it has to be removed
 * from the host yet. Every write is durable when it returns. Callers see to it that one thread at a time writes each of
 * them.
 *
 * <p>The name of a folder and the relationship inside agree, or it is a copy that somebody made and is not believed.
 */
public final class RelationshipStore {
    private static final Logger LOG = LoggerFactory.getLogger(RelationshipStore.class);
    private static final int RELATIONSHIP_FORMAT = 1;
    private static final int STATE_FORMAT = 1;
    private static final String RELATIONSHIP = "relationship.json";
    private static final String STATE = "state.json";
    private static final String ENDED = "ended.json";
    private static final Pattern DEFINITION = Pattern.compile("definition-([1-9][0-9]{0,17})-([0-9]{1,18})\\.xml");
    private static final Pattern MACHINE_STATE = Pattern.compile("machine-([1-9][0-9]{0,17})-([0-9]{1,18})\\.state");
    /** As an agent of the first release noted it: of no position in particular. */
    private static final String WITHOUT_POSITION = "definition.xml";

    private final Path root;

    public RelationshipStore(Path agentFolder) throws IOException {
        this.root = Folders.make(agentFolder.resolve("relationships"), FolderAccess.PRIVATE);
    }

    /**
     * What was found.
     *
     * @param relationships those to go on with
     * @param unreadable what is there and cannot be believed, each for a person; nothing of it is touched
     */
    public record Found(List<Relationship> relationships, List<Unreadable> unreadable) {}

    /**
     * A folder that cannot be believed.
     *
     * @param relationship whose it may be, by the folder's name; empty when that is none
     */
    public record Unreadable(Path folder, Optional<RelationshipId> relationship, String why) {}

    /** Every relationship that was not removed; one that cannot be read keeps none of the others from being found. */
    public Found all() throws IOException {
        List<Relationship> found = new ArrayList<>();
        List<Unreadable> unreadable = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(root)) {
            for (Path folder : folders) {
                if (Files.isDirectory(folder) && !Files.exists(folder.resolve(ENDED))) {
                    add(folder, found, unreadable);
                }
            }
        }
        return new Found(found, unreadable);
    }

    private static void add(Path folder, List<Relationship> found, List<Unreadable> unreadable) {
        Optional<RelationshipId> named = namedBy(folder);
        try {
            Optional<byte[]> bytes = DurableFile.read(folder.resolve(RELATIONSHIP));
            if (bytes.isEmpty()) {
                return;
            }
            Relationship relationship = relationship(folder.resolve(RELATIONSHIP), bytes.get());
            if (named.equals(Optional.of(relationship.id()))) {
                found.add(relationship);
            } else {
                unreadable.add(new Unreadable(folder, Optional.empty(), "it is a copy of the folder of relationship "
                        + relationship.id() + "; move it elsewhere"));
            }
        } catch (FailureException e) {
            unreadable.add(new Unreadable(folder, named, e.failure().message()));
        } catch (IOException e) {
            String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            unreadable.add(new Unreadable(folder, named, "its " + RELATIONSHIP + " cannot be read: " + first));
        }
    }

    private static Relationship relationship(Path file, byte[] bytes) throws IOException {
        return KeptJson.read(file, bytes, Relationship.class, RELATIONSHIP_FORMAT);
    }

    private static Optional<RelationshipId> namedBy(Path folder) {
        try {
            return Optional.of(RelationshipId.ofFolder(folder.getFileName().toString()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** One that was not removed. */
    Optional<Relationship> find(RelationshipId id) throws IOException {
        Path file = folder(id).resolve(RELATIONSHIP);
        Optional<byte[]> bytes = DurableFile.read(file);
        return bytes.isPresent() ? Optional.of(relationship(file, bytes.get())) : Optional.empty();
    }

    /** Begins one that was not there: its state first, so that a lost one is never taken for a new one. */
    void begin(Relationship relationship) throws IOException {
        begin(relationship, SourceState.start(relationship));
    }

    /** The same with a state that it begins from. */
    void begin(Relationship relationship, SourceState state) throws IOException {
        Path folder = Folders.make(folder(relationship.id()), FolderAccess.PRIVATE);
        DurableFile.forceDirectory(root);
        DurableFile.delete(folder.resolve(ENDED));
        save(relationship.id(), state);
        save(relationship);
    }

    /** Replaces what is known of a relationship. */
    public void save(Relationship relationship) throws IOException {
        Path folder = Folders.make(folder(relationship.id()), FolderAccess.PRIVATE);
        DurableFile.replace(folder.resolve(RELATIONSHIP), KeptJson.write(relationship, RELATIONSHIP_FORMAT));
    }

    /** Where the state of a relationship is, or would be. */
    Path stateFile(RelationshipId id) {
        return folder(id).resolve(STATE);
    }

    /** Where the hashes of what the target holds of a disk are, while they are needed. */
    Path hashesFile(RelationshipId id, DiskName disk) {
        return folder(id).resolve("hashes-" + disk + ".tbl");
    }

    Optional<SourceState> state(RelationshipId id) throws IOException {
        Optional<byte[]> bytes = DurableFile.read(stateFile(id));
        return bytes.isPresent() ? Optional.of(
                KeptJson.read(stateFile(id), bytes.get(), SourceState.class, STATE_FORMAT)) : Optional.empty();
    }

    void save(RelationshipId id, SourceState state) throws IOException {
        DurableFile.replace(stateFile(id), KeptJson.write(state, STATE_FORMAT));
    }

    /** The VM's definition at a position: the newest that was noted at or before it. */
    Optional<String> definition(RelationshipId id, LogPosition position) throws IOException {
        Map.Entry<LogPosition, Path> noted = noted(id, DEFINITION).floorEntry(position);
        return DurableFile.read(noted == null ? folder(id).resolve(WITHOUT_POSITION) : noted.getValue())
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    /** Notes that the VM is defined so from a position on. */
    void saveDefinition(RelationshipId id, LogPosition position, String definition) throws IOException {
        DurableFile.replace(folder(id).resolve("definition-" + position + ".xml"),
                definition.getBytes(StandardCharsets.UTF_8));
    }

    /** Where that is noted what the VM keeps at a position: the newest at or before it. Empty when none was noted. */
    Optional<Path> machineState(RelationshipId id, LogPosition position) throws IOException {
        return Optional.ofNullable(noted(id, MACHINE_STATE).floorEntry(position)).map(Map.Entry::getValue);
    }

    /** Notes that the VM keeps this from a position on; answers where. */
    Path saveMachineState(RelationshipId id, LogPosition position, byte[] state) throws IOException {
        Path file = folder(id).resolve("machine-" + position + ".state");
        DurableFile.replace(file, state);
        return file;
    }

    /** Forgets what no position from this one on needs of what the VM was. */
    void forgetMachineBefore(RelationshipId id, LogPosition position) throws IOException {
        if (forgetBefore(noted(id, DEFINITION), position)) {
            Files.deleteIfExists(folder(id).resolve(WITHOUT_POSITION));
        }
        forgetBefore(noted(id, MACHINE_STATE), position);
    }

    /** Answers whether one is left that is needed. */
    private static boolean forgetBefore(NavigableMap<LogPosition, Path> noted, LogPosition position)
            throws IOException {
        LogPosition needed = noted.floorKey(position);
        if (needed != null) {
            for (Path old : noted.headMap(needed).values()) {
                Files.deleteIfExists(old);
            }
        }
        return needed != null;
    }

    private NavigableMap<LogPosition, Path> noted(RelationshipId id, Pattern names) throws IOException {
        NavigableMap<LogPosition, Path> noted = new TreeMap<>(LogPosition.ORDER);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder(id))) {
            for (Path file : files) {
                Matcher name = names.matcher(file.getFileName().toString());
                if (name.matches() && Long.parseLong(name.group(1)) == id.generation()) {
                    noted.put(new LogPosition(Long.parseLong(name.group(1)), Long.parseLong(name.group(2))), file);
                }
            }
        } catch (NoSuchFileException e) {
            return noted;
        }
        return noted;
    }

    /** Ends a relationship for good; what is known of it stays until {@link #remove}, so that its remains are found. */
    void end(Relationship relationship) throws IOException {
        Path folder = folder(relationship.id());
        DurableFile.replace(folder.resolve(ENDED), KeptJson.write(relationship, RELATIONSHIP_FORMAT));
        DurableFile.delete(folder.resolve(RELATIONSHIP));
    }

    /** Every relationship that ended and was not removed. */
    List<Relationship> ended() throws IOException {
        List<Relationship> ended = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(root)) {
            for (Path folder : folders) {
                Optional<byte[]> bytes = Files.isDirectory(folder)
                        ? DurableFile.read(folder.resolve(ENDED)) : Optional.empty();
                if (bytes.isPresent()) {
                    addEnded(folder, bytes.get(), ended);
                }
            }
        }
        return ended;
    }

    /** One that cannot be read keeps none of the others from being removed; nothing of it is touched. */
    private static void addEnded(Path folder, byte[] bytes, List<Relationship> ended) throws IOException {
        try {
            ended.add(relationship(folder.resolve(ENDED), bytes));
        } catch (JsonProcessingException | FailureException e) {
            LOG.debug("the record of a relationship that ended cannot be read folder={}", folder);
        }
    }

    /** Forgets a relationship; what was asked first, so that a crash between leaves nothing that would start again. */
    public void remove(RelationshipId id) throws IOException {
        Path folder = folder(id);
        if (Files.isDirectory(folder)) {
            for (String file : List.of(RELATIONSHIP, STATE, WITHOUT_POSITION, ENDED)) {
                DurableFile.delete(folder.resolve(file));
            }
            for (Pattern names : List.of(DEFINITION, MACHINE_STATE)) {
                for (Path file : noted(id, names).values()) {
                    DurableFile.delete(file);
                }
            }
            try (DirectoryStream<Path> tables = Files.newDirectoryStream(folder, "hashes-*.tbl")) {
                for (Path table : tables) {
                    DurableFile.delete(table);
                }
            }
            Files.delete(folder);
            DurableFile.forceDirectory(root);
        }
    }

    private Path folder(RelationshipId id) {
        return root.resolve(id.folderName());
    }
}
