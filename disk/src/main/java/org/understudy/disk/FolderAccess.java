package org.understudy.disk;

import java.util.OptionalInt;

/**
 * Who may do what with a folder of ours: its owner, its group and its mode, whatever the umask.
 *
 * @param uid who owns it; empty for the user of this process
 * @param gid its group; empty for any that has no rights in it
 * @param mode the permission bits, as {@code chmod} takes them
 */
public record FolderAccess(OptionalInt uid, OptionalInt gid, int mode) {
    /** For this process's user alone: logs, states, keys. */
    public static final FolderAccess PRIVATE = new FolderAccess(OptionalInt.empty(), OptionalInt.empty(), 0700);

    /** Everybody may pass, nobody may list or write: for what only holds folders with an access of their own. */
    public static final FolderAccess PASSAGE = new FolderAccess(OptionalInt.empty(), OptionalInt.empty(), 0711);

    public FolderAccess {
        if ((mode & ~0777) != 0) {
            throw new IllegalArgumentException("mode %o is not one of permission bits alone".formatted(mode));
        }
    }

    /** The emulator may open files in it whose names it was told, and neither list it nor change a name. */
    public static FolderAccess sharedWith(EmulatorAccount emulator) {
        return new FolderAccess(OptionalInt.empty(), OptionalInt.of(emulator.gid()), 0710);
    }

    /** The emulator's own, for what it makes itself: sockets. */
    public static FolderAccess ownedBy(EmulatorAccount emulator) {
        return new FolderAccess(OptionalInt.of(emulator.uid()), OptionalInt.of(emulator.gid()), 0700);
    }
}
