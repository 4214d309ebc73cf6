package org.understudy.hypervisor;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.understudy.model.Portability;

/** What the parts of a plan note while they make it: what forbids, what differs, and which files are the host's own. */
final class PlanNotes {
    private final Set<String> obstacles = new LinkedHashSet<>();
    private final Set<String> warnings = new LinkedHashSet<>();
    private final Set<String> paths = new HashSet<>();

    void obstacle(String sentence) {
        obstacles.add(sentence);
    }

    void warning(String sentence) {
        warnings.add(sentence);
    }

    /** A file of this host that the plan put into the machine. */
    void path(String file) {
        paths.add(file);
    }

    Set<String> paths() {
        return Set.copyOf(paths);
    }

    Portability portability() {
        return new Portability(List.copyOf(obstacles), List.copyOf(warnings));
    }
}
