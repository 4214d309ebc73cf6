package org.understudy.vault.item;

import java.util.ArrayList;
import java.util.List;

/**
 * What a failover of an item would meet, known before anybody asks for one. Sentences; each list may be empty.
 *
 * @param obstacles why the target cannot start the VM as it is now
 * @param unprotected the VM's disks that are not replicated though they hold data: a failover goes without them only
 *     when it is forced
 * @param mappings adapters that will be connected to nothing, which a mapping would mend
 * @param differences what else will be different or missing, as it is with this VM at any host
 */
public record Outlook(
        List<String> obstacles, List<String> unprotected, List<String> mappings, List<String> differences) {
    /** Nothing in the way, nothing different, as far as is known. */
    public static final Outlook CLEAR = new Outlook(List.of(), List.of(), List.of(), List.of());

    public Outlook {
        obstacles = List.copyOf(obstacles);
        unprotected = List.copyOf(unprotected);
        mappings = List.copyOf(mappings);
        differences = List.copyOf(differences);
    }

    /** All that is no reason to refuse. */
    public List<String> warnings() {
        List<String> all = new ArrayList<>(mappings);
        all.addAll(differences);
        return all;
    }
}
