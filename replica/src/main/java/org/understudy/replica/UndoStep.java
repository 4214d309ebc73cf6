package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/**
 * One finished undo: written over disks at {@code from}, its logs give the disks at {@code restored}.
 * Its folder {@code <from>_<restored>} holds one log for each disk and gets that name only when all are durable.
 */
record UndoStep(LogPosition from, ReplicaInstant restored, Path folder) {
    private static final Pattern NAME = Pattern.compile("(\\d{1,18})-(\\d{1,18})_(\\d{1,18})-(\\d{1,18})");

    /** The undo log of one disk. */
    Path log(DiskName disk) {
        return log(folder, disk);
    }

    /** The size of the largest log of any of these. */
    static ByteCount largestLog(List<UndoStep> steps) throws IOException {
        long largest = 0;
        for (UndoStep step : steps) {
            for (Path log : FolderTree.entries(step.folder())) {
                largest = Math.max(largest, Files.size(log));
            }
        }
        return new ByteCount(largest);
    }

    static Path log(Path folder, DiskName disk) {
        return folder.resolve(disk + ".hru");
    }

    /** From where to where a step leads, as told by its folder's name. */
    record Ends(LogPosition from, LogPosition restored) {
        /** Empty for a folder that is no finished undo. */
        static Optional<Ends> parse(String name) {
            Matcher matcher = NAME.matcher(name);
            return matcher.matches()
                    ? Optional.of(new Ends(position(matcher, 1), position(matcher, 3)))
                    : Optional.empty();
        }

        private static LogPosition position(Matcher matcher, int group) {
            return new LogPosition(Long.parseLong(matcher.group(group)), Long.parseLong(matcher.group(group + 1)));
        }

        String folderName() {
            return from + "_" + restored;
        }
    }
}
