package org.understudy.replica;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
