package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/** The names in a replica's {@code undo} folder as an opening finds them, and what can be told from names alone. */
final class UndoFolder {
    /** Ends the name of a step in which a log was found damaged. */
    static final String DAMAGED = ".damaged";

    private final Path folder;
    /** Of several steps from one position the one that leads furthest back. */
    private final Map<LogPosition, UndoStep.Ends> furthestBack = new HashMap<>();
    private final List<UndoStep.Ends> shorter = new ArrayList<>();
    private final List<UndoStep.Ends> damaged = new ArrayList<>();

    private UndoFolder(Path folder) {
        this.folder = folder;
    }

    static UndoFolder read(Path folder) throws IOException {
        UndoFolder found = new UndoFolder(folder);
        for (Path entry : FolderTree.entries(folder)) {
            String name = entry.getFileName().toString();
            UndoStep.Ends.parse(name).ifPresent(found::add);
            stem(name, DAMAGED).flatMap(UndoStep.Ends::parse).ifPresent(found.damaged::add);
        }
        return found;
    }

    /** Whether a replica gave the entry its name. */
    static boolean isOurs(Path entry) {
        String name = entry.getFileName().toString();
        return UndoStep.Ends.parse(name).isPresent() || List.of(DAMAGED, FolderTree.FILLING, FolderTree.DROPPED)
                .stream().anyMatch(ending -> stem(name, ending).flatMap(UndoStep.Ends::parse).isPresent());
    }

    private static Optional<String> stem(String name, String ending) {
        return name.endsWith(ending) ? Optional.of(name.substring(0, name.length() - ending.length()))
                : Optional.empty();
    }

    private void add(UndoStep.Ends ends) {
        UndoStep.Ends other = furthestBack.putIfAbsent(ends.from(), ends);
        if (other != null) {
            boolean further = isBefore(ends.restored(), other.restored());
            furthestBack.put(ends.from(), further ? ends : other);
            shorter.add(further ? other : ends);
        }
    }

    private static boolean isBefore(LogPosition one, LogPosition other) {
        return LogPosition.ORDER.compare(one, other) < 0;
    }

    /** The step that counts from a position. */
    Optional<UndoStep.Ends> from(LogPosition position) {
        return Optional.ofNullable(furthestBack.get(position));
    }

    /** The step of an apply that was begun over the applied position. */
    Optional<UndoStep.Ends> begunOver(LogPosition applied) {
        return furthestBack.values().stream().filter(ends -> ends.restored().equals(applied))
                .max(Comparator.comparing(UndoStep.Ends::from, LogPosition.ORDER));
    }

    /**
     * REPLICA_CORRUPT when a step tells of a position that was applied and that {@code state} does not know of: then
     * the state is of an earlier day than the disks, and no point can be told from a mixture.
     */
    void requireNotBeyond(ReplicaState state, String vmName) {
        LogPosition applied = state.applied().position();
        for (UndoStep.Ends ends : furthestBack.values()) {
            if (isBefore(applied, ends.from()) && !ends.restored().equals(applied)) {
                throw FailureException.of(FailureCode.REPLICA_CORRUPT, "folder " + folder + " of " + vmName
                        + " has an undo log from " + ends.from() + ", and its state.json says that " + applied
                        + " is applied: it is older than the disks; nothing was deleted");
            }
        }
    }

    /**
     * Steps that lie within a longer one that counts: a crash left them when they were merged or taken back.
     *
     * @param chain what the steps that count restore
     * @param top from where the newest of them leads back
     */
    List<UndoStep.Ends> replacedIn(InstantChain chain, LogPosition top) {
        List<UndoStep.Ends> replaced = new ArrayList<>();
        for (UndoStep.Ends one : all()) {
            chain.floor(one.restored()).ifPresent(lower -> {
                LogPosition upper = chain.after(lower).orElse(top);
                boolean counts = one.restored().equals(lower) && one.from().equals(upper);
                if (!counts && !isBefore(upper, one.from())) {
                    replaced.add(one);
                }
            });
        }
        return replaced;
    }

    private List<UndoStep.Ends> all() {
        List<UndoStep.Ends> all = new ArrayList<>(shorter);
        all.addAll(furthestBack.values());
        return all;
    }

    /** Notes that a step is damaged: what lies below it has no way back, and that is told already. */
    void noteDamaged(UndoStep.Ends ends) {
        damaged.add(ends);
    }

    /**
     * The newest instant that an undamaged step restores and no way leads back to, though it is older than all that the
     * chain has: a step between is gone.
     */
    Optional<LogPosition> cutOffBelow(LogPosition oldest) {
        return all().stream().filter(ends -> isBefore(ends.restored(), oldest))
                .filter(ends -> damaged.stream().allMatch(known -> isBefore(known.from(), ends.from())))
                .map(UndoStep.Ends::restored).max(LogPosition.ORDER);
    }
}
