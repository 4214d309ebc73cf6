package org.understudy.replica;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.disk.FreeSpace;
import org.understudy.model.ByteCount;
import org.understudy.disk.PrivateFile;

/**
 * How folders appear and disappear as a whole: filled under a passing name and renamed, renamed away and then emptied.
 * So what bears its final name is complete, after any crash.
 */
final class FolderTree {
    /** Ends the name of a folder that is being filled. */
    static final String FILLING = ".filling";
    /** Ends the name of a folder that is being deleted. */
    static final String DROPPED = ".dropped";

    private FolderTree() {}

    /** An empty folder to fill, beside {@code target}; what an interrupted attempt left there is gone. */
    static Path beginFilling(Path target, FolderAccess access) throws IOException {
        Path filling = target.resolveSibling(target.getFileName() + FILLING);
        delete(filling);
        return Folders.make(filling, access);
    }

    /** Gives the filled folder its name, durably. The files in it must be forced before. */
    static void finishFilling(Path filling, Path target) throws IOException {
        DurableFile.forceDirectory(filling);
        Files.move(filling, target, StandardCopyOption.ATOMIC_MOVE);
        DurableFile.forceDirectory(target.getParent());
    }

    /** Takes the folder's name away durably, then deletes it, if it is there; an opening sweeps what a crash left. */
    static void drop(Path folder) throws IOException {
        Path dropped = folder.resolveSibling(folder.getFileName() + DROPPED);
        delete(dropped);
        if (Files.exists(folder)) {
            Files.move(folder, dropped, StandardCopyOption.ATOMIC_MOVE);
            DurableFile.forceDirectory(folder.getParent());
            delete(dropped);
        }
    }

    /**
     * Deletes what was being filled or dropped when the process ended.
     *
     * @param ours whether we give such names; what others named so stays
     */
    static void sweep(Path parent, Predicate<String> ours) throws IOException {
        for (Path entry : entries(parent)) {
            String name = entry.getFileName().toString();
            for (String ending : List.of(FILLING, DROPPED)) {
                if (name.endsWith(ending) && ours.test(name.substring(0, name.length() - ending.length()))) {
                    delete(entry);
                }
            }
        }
    }

    /** What lies in a folder, in no order. */
    static List<Path> entries(Path folder) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(entries::add);
        }
        return entries;
    }

    /**
     * Takes the rights of everybody else from a folder that everybody may list, with all in it. The first version left
     * its replicas so; what is made now never is. The folder itself goes last: one that a crash left half closed is
     * told by it and closed again.
     */
    static void closeToOthers(Path folder) throws IOException {
        if (Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS)
                .contains(PosixFilePermission.OTHERS_READ)) {
            for (Path entry : entries(folder)) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    closeToOthers(entry);
                } else if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                    PrivateFile.close(entry);
                }
            }
            Folders.make(folder, FolderAccess.PASSAGE);
        }
    }

    /** What all files in a folder take of the file system; what goes meanwhile is not counted. */
    static ByteCount taken(Path path) throws IOException {
        try {
            if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                return FreeSpace.takenBy(path);
            }
            ByteCount taken = ByteCount.ZERO;
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                for (Path entry : entries(path)) {
                    taken = taken.plus(taken(entry));
                }
            }
            return taken;
        } catch (NoSuchFileException goneMeanwhile) {
            return ByteCount.ZERO;
        }
    }

    /** Deletes a file, or a folder with all in it; it need not be there. Follows no link. */
    static void delete(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            try {
                for (Path entry : entries(path)) {
                    delete(entry);
                }
            } catch (NoSuchFileException goneMeanwhile) {
                return;
            }
        }
        Files.deleteIfExists(path);
    }
}
