package org.understudy.nbd;

import java.util.Map;
import java.util.Optional;

/**
 * What a server said about the export that was agreed on.
 *
 * @param flags the transmission flags
 * @param contexts the meta contexts that the server will answer for, and their ids
 */
record NbdExport(String name, long size, int flags, Map<String, Integer> contexts) {
    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** The context with this id. */
    Optional<String> context(int id) {
        return contexts.entrySet().stream().filter(entry -> entry.getValue() == id).map(Map.Entry::getKey).findFirst();
    }
}
