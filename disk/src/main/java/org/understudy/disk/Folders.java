package org.understudy.disk;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

/**
 * The one place where folders are made, each with the access that its kind has: a service's umask decides nothing.
 *
 * <p>A folder that is there already is used only when it is a folder, no link to one, and of the right owner:
 * somebody who may write beside our folders can put nothing of theirs in their place. Safe for threads.
 */
public final class Folders {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private Folders() {}

    /**
     * Makes a folder in one that is there, or gives one of ours that is there this access.
     *
     * @throws IOException also when the folder around it is missing: it may be on a disk that is not mounted now, and
     *     is not made elsewhere instead
     */
    public static Path make(Path folder, FolderAccess access) throws IOException {
        if (createdNow(folder)) {
            give(folder, access);
            return folder;
        }
        Map<String, Object> now = Files.readAttributes(folder, "unix:uid,gid,mode", LinkOption.NOFOLLOW_LINKS);
        requireOurs(folder, (Integer) now.get("uid"), access);
        boolean asWanted = ((Integer) now.get("mode") & 07777) == access.mode()
                && (access.uid().isEmpty() || access.uid().getAsInt() == (Integer) now.get("uid"))
                && (access.gid().isEmpty() || access.gid().getAsInt() == (Integer) now.get("gid"));
        if (!asWanted) {
            give(folder, access);
        }
        return folder;
    }

    /** Makes a folder in one that is there; one of ours that is there keeps the access that it has. */
    public static Path makeIfAbsent(Path folder, FolderAccess access) throws IOException {
        if (createdNow(folder)) {
            give(folder, access);
        } else {
            requireOurs(folder, (Integer) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS), access);
        }
        return folder;
    }

    /**
     * Makes the folder that a person named, with every missing one above it. One that is there, or a link to one, is
     * theirs and stays as it is.
     */
    public static Path makeNamed(Path folder, FolderAccess access) throws IOException {
        if (Files.isDirectory(folder)) {
            return folder;
        }
        Path above = folder.toAbsolutePath().getParent();
        if (above != null) {
            makeNamed(above, access);
        }
        return makeIfAbsent(folder, access);
    }

    /** A new folder for this process's user alone, below the system's folder for temporary files. */
    public static Path temporary(String prefix) throws IOException {
        return Files.createTempDirectory(prefix, OWNER_ALONE);
    }

    /** Nobody else gets in between the making and the giving of the access. */
    private static boolean createdNow(Path folder) throws IOException {
        try {
            Files.createDirectory(folder, OWNER_ALONE);
            // What is forced in it later is lost with it, unless its own name is durable.
            DurableFile.forceDirectory(folder.toAbsolutePath().getParent());
            return true;
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
            return false;
        }
    }

    private static void give(Path folder, FolderAccess access) throws IOException {
        // Owner and group first: their changes take bits of the mode away.
        if (access.uid().isPresent()) {
            Files.setAttribute(folder, "unix:uid", access.uid().getAsInt(), LinkOption.NOFOLLOW_LINKS);
        }
        if (access.gid().isPresent()) {
            Files.setAttribute(folder, "unix:gid", access.gid().getAsInt(), LinkOption.NOFOLLOW_LINKS);
        }
        Files.setAttribute(folder, "unix:mode", access.mode(), LinkOption.NOFOLLOW_LINKS);
    }

    private static void requireOurs(Path folder, int owner, FolderAccess access) throws IOException {
        boolean asWanted = access.uid().isPresent() && access.uid().getAsInt() == owner;
        if (!asWanted && owner != EmulatorAccount.own().uid()) {
            throw new FileSystemException(folder.toString(), null,
                    "belongs to the user with the number " + owner + ", not to this agent's, and is not used");
        }
    }
}
