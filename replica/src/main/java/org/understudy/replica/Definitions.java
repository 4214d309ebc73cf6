package org.understudy.replica;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.LogPosition;

/**
 * The definitions of a VM, each from the position at which it changed: {@code machines/1-42.xml} holds from 1-42 on,
 * until the next. A point is started with the newest at or before it.
 *
 * <p>What is remembered is durable when the call returns. Few: one for each change of the VM that a kept point needs.
 * Safe for threads.
 */
final class Definitions {
    private static final Logger LOG = LoggerFactory.getLogger(Definitions.class);
    private static final Pattern NAME = Pattern.compile("([1-9][0-9]{0,17})-([0-9]{1,18})\\.xml");

    private final Path folder;
    private final Path withoutPosition;
    private final ReentrantLock lock = new ReentrantLock();
    private final NavigableMap<LogPosition, Path> known = new TreeMap<>(LogPosition.ORDER);
    /** What was read last, since each report asks for it; a file changes by {@link #remember} alone. */
    private Optional<Told> last = Optional.empty();

    private record Told(Path file, String definition) {}

    /** @param withoutPosition the file of the first format, which told no position; it may be absent */
    Definitions(Path folder, Path withoutPosition) {
        this.folder = folder;
        this.withoutPosition = withoutPosition;
    }

    void open() throws IOException {
        Folders.make(folder, FolderAccess.PRIVATE);
        for (Path entry : FolderTree.entries(folder)) {
            Matcher name = NAME.matcher(entry.getFileName().toString());
            if (name.matches()) {
                known.put(new LogPosition(Long.parseLong(name.group(1)), Long.parseLong(name.group(2))), entry);
            }
        }
    }

    /** The VM is defined so from a position on, which nobody was promised yet. */
    void remember(LogPosition position, String definition) throws IOException {
        lock.lock();
        try {
            if (at(position).equals(Optional.of(definition)) && !known.isEmpty()) {
                return;
            }
            // Said of positions that never came: a source that captures anew says again how the VM is.
            for (LogPosition later : List.copyOf(known.tailMap(position, true).keySet())) {
                Files.deleteIfExists(known.remove(later));
            }
            Path file = folder.resolve(position + ".xml");
            DurableFile.replace(file, definition.getBytes(StandardCharsets.UTF_8));
            known.put(position, file);
            last = Optional.of(new Told(file, definition));
            LOG.info("the VM's definition changed position={} file={}", position, file);
        } finally {
            lock.unlock();
        }
    }

    /** How the VM was defined at a position, as far as was told. */
    Optional<String> at(LogPosition position) throws IOException {
        lock.lock();
        try {
            Map.Entry<LogPosition, Path> from = known.floorEntry(position);
            Optional<String> told = from == null ? Optional.empty() : read(from.getValue());
            if (told.isEmpty()) {
                told = read(withoutPosition);
            }
            return told.isEmpty() && !known.isEmpty() ? read(known.firstEntry().getValue()) : told;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps those alone that one of these positions, or a later one, is started with. */
    void keepFor(List<LogPosition> positions, LogPosition newest) throws IOException {
        lock.lock();
        try {
            Set<LogPosition> needed = new HashSet<>(known.tailMap(newest, true).keySet());
            List<LogPosition> all = new ArrayList<>(positions);
            all.add(newest);
            for (LogPosition position : all) {
                Optional.ofNullable(known.floorKey(position)).ifPresent(needed::add);
            }
            for (LogPosition position : List.copyOf(known.keySet())) {
                if (!needed.contains(position)) {
                    Files.deleteIfExists(known.remove(position));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private Optional<String> read(Path file) throws IOException {
        if (last.filter(told -> told.file().equals(file)).isEmpty()) {
            last = DurableFile.read(file).map(bytes -> new Told(file, new String(bytes, StandardCharsets.UTF_8)));
        }
        return last.map(Told::definition);
    }
}
