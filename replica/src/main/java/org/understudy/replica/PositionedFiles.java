package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.understudy.disk.DurableFile;
import org.understudy.model.LogPosition;

/**
 * Files that each hold from a position on, until the next: {@code 1-42.xml} from 1-42 on. Few: one for each change that
 * a kept point needs. What is put is durable when the call returns. Its owner sees to it that one thread at a time
 * uses it.
 */
final class PositionedFiles {
    private final Path folder;
    private final String ending;
    private final Pattern name;
    private final NavigableMap<LogPosition, Path> known = new TreeMap<>(LogPosition.ORDER);

    PositionedFiles(Path folder, String ending) {
        this.folder = folder;
        this.ending = ending;
        this.name = Pattern.compile("([1-9][0-9]{0,17})-([0-9]{1,18})" + Pattern.quote(ending));
    }

    /** The file of a position, there or not. */
    static Path file(Path folder, LogPosition position, String ending) {
        return folder.resolve(position + ending);
    }

    /** Learns which are there. */
    void open() throws IOException {
        for (Path entry : FolderTree.entries(folder)) {
            Matcher found = name.matcher(entry.getFileName().toString());
            if (found.matches()) {
                known.put(new LogPosition(Long.parseLong(found.group(1)), Long.parseLong(found.group(2))), entry);
            }
        }
    }

    boolean isEmpty() {
        return known.isEmpty();
    }

    /** The one that holds at a position. */
    Optional<Path> at(LogPosition position) {
        return Optional.ofNullable(known.floorEntry(position)).map(entry -> entry.getValue());
    }

    /** The oldest. */
    Optional<Path> first() {
        return Optional.ofNullable(known.firstEntry()).map(entry -> entry.getValue());
    }

    /** From this position on it is so; what was said of it and of later ones is forgotten, for they never came. */
    Path put(LogPosition position, byte[] content) throws IOException {
        forget(known.tailMap(position, true).keySet());
        Path file = file(folder, position, ending);
        DurableFile.replace(file, content);
        known.put(position, file);
        return file;
    }

    /** Forgets what was said of later positions. */
    void forgetAfter(LogPosition position) throws IOException {
        forget(known.tailMap(position, false).keySet());
    }

    /** Keeps those alone that one of these positions, or a later one, needs. */
    void keepFor(List<LogPosition> positions, LogPosition newest) throws IOException {
        Set<LogPosition> needed = new HashSet<>(known.tailMap(newest, true).keySet());
        List<LogPosition> all = new ArrayList<>(positions);
        all.add(newest);
        for (LogPosition position : all) {
            Optional.ofNullable(known.floorKey(position)).ifPresent(needed::add);
        }
        forget(known.keySet().stream().filter(position -> !needed.contains(position)).toList());
    }

    private void forget(Collection<LogPosition> positions) throws IOException {
        for (LogPosition position : List.copyOf(positions)) {
            Files.deleteIfExists(known.get(position));
            known.remove(position);
        }
    }
}
