package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.DurableFile;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * Images of a branch in folders of the host's administrator: made under a passing name that is ours alone and given
 * their own by a link, which never replaces a file. What is deleted is told by that: the passing name, and the own name
 * while it is the same file, or while it rests on our disk.
 */
final class PlacedImages {
    private static final Logger LOG = LoggerFactory.getLogger(PlacedImages.class);
    private static final int NAMES_MAX = 1000;
    /** With its ending and number a name stays below the 255 bytes of file systems. */
    private static final int STEM_MAX = 100;

    private PlacedImages() {}

    /**
     * One of them, as {@code branch.json} has it from before it is made.
     *
     * @param file its own name
     * @param passing its name until the branch is whole
     */
    record Placed(String file, String passing) {
        Path path() {
            return Path.of(file);
        }

        Path passingPath() {
            return Path.of(passing);
        }
    }

    /** Free names for the images of a branch; empty when they are to lie in the replica's folder. */
    static Optional<Map<DiskName, Placed>> choose(ReplicaSpec spec, DiskPlaces places, BranchPlace place) {
        if (place.folder().isEmpty()) {
            return Optional.empty();
        }
        Map<DiskName, Placed> chosen = new TreeMap<>();
        Set<Path> taken = new HashSet<>();
        for (ReplicaDisk disk : spec.disks()) {
            Path folder = places.adopted(disk.name()).map(image -> image.file().getParent())
                    .orElse(place.folder().get());
            if (!Files.isDirectory(folder)) {
                throw FailureException.of(FailureCode.TARGET_IO_FAILED, "Folder " + folder
                        + ", in which the disks of VM " + spec.vmName() + " are to lie, is not there.",
                        "Make it or mount it, then try again.");
            }
            Path file = free(folder, stem(spec.vmName()) + "-" + disk.name(), taken);
            taken.add(file);
            chosen.put(disk.name(), new Placed(file.toString(),
                    file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID()).toString()));
        }
        return Optional.of(chosen);
    }

    private static Path free(Path folder, String stem, Set<Path> taken) {
        for (int i = 1; i <= NAMES_MAX; i++) {
            Path file = folder.resolve(stem + (i == 1 ? "" : "-" + i) + ".qcow2");
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !taken.contains(file)) {
                return file;
            }
        }
        throw FailureException.of(FailureCode.ALREADY_EXISTS, "Folder " + folder + " has no free name of the kind "
                + stem + ".qcow2.", "Delete images there that are not needed any more.");
    }

    /** A VM's name as the beginning of a file's: without what shells and file systems read otherwise. */
    private static String stem(String vmName) {
        String plain = vmName.replaceAll("[^A-Za-z0-9._+-]", "_").replaceAll("^[.-]+", "_");
        return plain.length() > STEM_MAX ? plain.substring(0, STEM_MAX) : plain;
    }

    /** Gives whole images their own names, durably; ALREADY_EXISTS when one was taken meanwhile. */
    static void name(Iterable<Placed> images) throws IOException {
        for (Placed image : images) {
            try {
                Files.createLink(image.path(), image.passingPath());
            } catch (java.nio.file.FileAlreadyExistsException e) {
                if (!Files.isSameFile(image.path(), image.passingPath())) {
                    throw FailureException.of(FailureCode.ALREADY_EXISTS, "File " + image.path()
                            + " came to be while it was about to be made.", "Try again.").causedBy(e);
                }
            }
            DurableFile.forceDirectory(image.path().getParent());
        }
    }

    /** Takes the passing names away from images that have their own. */
    static void settle(Iterable<Placed> images) throws IOException {
        for (Placed image : images) {
            Files.deleteIfExists(image.passingPath());
        }
    }

    /** Deletes images that never were whole. */
    static void dropUnfinished(Iterable<Placed> images) throws IOException {
        for (Placed image : images) {
            if (Files.exists(image.passingPath(), LinkOption.NOFOLLOW_LINKS)) {
                if (Files.exists(image.path()) && Files.isSameFile(image.path(), image.passingPath())) {
                    Files.delete(image.path());
                }
                Files.delete(image.passingPath());
            }
        }
    }

    /** Deletes an image of ours that is not wanted any more; another file of its name stays. */
    static void drop(Placed image, Path below) throws IOException {
        Files.deleteIfExists(image.passingPath());
        if (!Files.exists(image.path(), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!restsOn(image.path(), below)) {
            LOG.warn("an image was not deleted, for it does not rest on our disk file={} disk={}", image.path(), below);
            return;
        }
        Files.delete(image.path());
        DurableFile.forceDirectory(image.path().getParent());
    }

    private static boolean restsOn(Path image, Path below) {
        try {
            return ImageFacts.of(image, "qcow2").below().filter(below.toAbsolutePath().toString()::equals).isPresent();
        } catch (IOException e) {
            LOG.warn("an image could not be looked at file={} reason={}", image, e.getMessage());
            return false;
        }
    }
}
