package org.understudy.disk;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** A file cannot be as large as asked on its file system, however much space there is. */
public final class FileTooLargeException extends FileSystemException {
    private static final long serialVersionUID = 1;

    public FileTooLargeException(Path file, String reason) {
        super(file.toString(), null, reason);
    }
}
