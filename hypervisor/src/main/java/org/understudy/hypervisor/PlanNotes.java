package org.understudy.hypervisor;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.model.Portability;

/** What the parts of a plan note while they make it: what forbids, what differs, which files are the host's
 * own, and what is laid down for firmware and TPM. */
final class PlanNotes {
    private final Set<String> obstacles = new LinkedHashSet<>();
    private final Set<String> warnings = new LinkedHashSet<>();
    private final Set<String> paths = new HashSet<>();
    private final Set<Kind> placed = EnumSet.noneOf(Kind.class);

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

    /** Something that the VM's firmware or TPM is to find. */
    void place(Kind kind) {
        placed.add(kind);
    }

    Set<Kind> placed() {
        return Set.copyOf(placed);
    }

    Set<String> paths() {
        return Set.copyOf(paths);
    }

    Portability portability() {
        return new Portability(List.copyOf(obstacles), List.copyOf(warnings));
    }
}
