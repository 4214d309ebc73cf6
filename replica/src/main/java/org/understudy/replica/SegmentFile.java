package org.understudy.replica;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.understudy.model.LogPosition;

/**
 * What a file's name in the journal tells of it.
 *
 * @param open whether the segment is still being received
 */
record SegmentFile(LogPosition position, boolean open) {
    private static final Pattern NAME =
            Pattern.compile("[a-z][a-z0-9]{0,15}\\.([1-9]\\d{0,17})-(0|[1-9]\\d{0,17})\\.hrl(\\.open)?");

    /** Empty for a file that no replica named. */
    static Optional<SegmentFile> parse(Path file) {
        Matcher matcher = NAME.matcher(file.getFileName().toString());
        return matcher.matches()
                ? Optional.of(new SegmentFile(new LogPosition(Long.parseLong(matcher.group(1)),
                        Long.parseLong(matcher.group(2))), matcher.group(3) != null))
                : Optional.empty();
    }
}
