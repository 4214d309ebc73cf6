package org.understudy.replication;

import java.io.IOException;
import org.understudy.model.FailureException;

/** The way from a source to the target of one item. Does not try again: the driver does. */
public interface TargetDialer {
    /**
     * Opens a session for a generation.
     *
     * @throws FailureException when the target refuses, or is not who it should be
     * @throws java.net.ConnectException when nothing answers at its address
     * @throws IOException when the link is lost while the session opens
     */
    TargetEnd dial(long generation) throws IOException;

    /**
     * Whether the target's port can be reached just now: a cheap knock, answered within about two seconds, with which
     * the driver notices during a pause that the link is back.
     */
    boolean reachable();
}
