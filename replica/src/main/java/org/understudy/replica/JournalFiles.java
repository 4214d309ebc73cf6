package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.understudy.model.ByteCount;
import org.understudy.model.LogPosition;

/** The files of a journal's folder, all of them at once. Safe for threads, as far as the files are. */
final class JournalFiles {
    private final Path folder;
    private final FaultPoint faults;

    JournalFiles(Path folder, FaultPoint faults) {
        this.folder = folder;
        this.faults = faults;
    }

    /** Their bytes, of segments still being received too. */
    ByteCount bytes() throws IOException {
        long bytes = 0;
        for (Path entry : FolderTree.entries(folder)) {
            try {
                bytes += Files.size(entry);
            } catch (NoSuchFileException appliedMeanwhile) {
                continue;
            }
        }
        return new ByteCount(bytes);
    }

    /** Deletes every segment, the newest first: a crash between leaves a journal that lacks its end alone. */
    void deleteAll() throws IOException {
        NavigableMap<LogPosition, List<Path>> segments = new TreeMap<>(LogPosition.ORDER);
        for (Path entry : FolderTree.entries(folder)) {
            SegmentFile.parse(entry).ifPresent(segment ->
                    segments.computeIfAbsent(segment.position(), at -> new ArrayList<>()).add(entry));
        }
        for (List<Path> newest : segments.descendingMap().values()) {
            for (Path segment : newest) {
                Files.deleteIfExists(segment);
                faults.reached("segment deleted");
            }
        }
    }
}
