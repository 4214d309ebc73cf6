package org.understudy.disk.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What a file system counts besides bytes. */
public final class FileSystemCounts {
    private FileSystemCounts() {
    }

    /** How many files this process could still make; empty where the file system makes inodes as it needs them. */
    public static OptionalLong freeFiles(Path path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment counts = arena.allocate(StatvfsHeader.BYTES, Long.BYTES);
            StatvfsHeader.statvfs(arena, path.toString(), counts).orThrow(path, "statvfs");
            boolean counted = counts.get(ValueLayout.JAVA_LONG, StatvfsHeader.FILES_AT) != 0;
            return counted ? OptionalLong.of(counts.get(ValueLayout.JAVA_LONG, StatvfsHeader.FREE_FILES_AT))
                    : OptionalLong.empty();
        }
    }
}
