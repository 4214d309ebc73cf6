package org.understudy.disk.linux;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What a call into the C library returned, with errno as it was right after. */
record CallResult(long value, int errno) {
    boolean failedWith(int expected) {
        return value < 0 && errno == expected;
    }

    long orThrow(Path path, String call) throws IOException {
        if (value >= 0) {
            return value;
        }
        throw switch (errno) {
            case ErrnoHeader.ENOENT -> new NoSuchFileException(path.toString());
            case ErrnoHeader.EEXIST -> new FileAlreadyExistsException(path.toString());
            default -> new IOException("%s of %s failed: errno %d (%s)".formatted(call, path, errno,
                    ErrnoHeader.nameOf(errno)));
        };
    }
}
