package org.understudy.api;

import java.util.Optional;

/**
 * Pauses replication, so that somebody has the VM alone.
 *
 * @param release whether our checkpoints and bitmaps are taken off the VM too, for tools that fail of them; the next
 *     cycle then covers the disks anew
 */
public record PauseRequest(Optional<Boolean> release) {}
