package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import org.understudy.model.ByteCount;

/** Asks how much may still be written where a folder is; a test answers as it likes. */
@FunctionalInterface
public interface SpaceProbe {
    ByteCount at(Path folder) throws IOException;
}
