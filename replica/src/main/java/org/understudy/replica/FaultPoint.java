package org.understudy.replica;

import java.io.IOException;

/**
 * A named line between two file operations at which a test may let the process "die".
 * In production it is {@link #NONE}. After an exception from here the replica object is only to be closed and opened
 * again from its files, as after a crash.
 */
@FunctionalInterface
public interface FaultPoint {
    /** Never fails. */
    FaultPoint NONE = line -> { };

    /** Passes, or throws as if the machine had failed at this line. */
    void reached(String line) throws IOException;
}
