package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.disk.RawFile;
import org.understudy.model.DiskName;
import org.understudy.model.Extent;

/** Where each file of one replica lies; see {@code docs/formats/replica-folder.md}. */
record ReplicaFolder(Path path) {
    Path spec() {
        return path.resolve("replica.json");
    }

    Path state() {
        return path.resolve("state.json");
    }

    Path definition() {
        return path.resolve("machine.xml");
    }

    /** What the VM was apart from its disks, a file for each position at which that changed. */
    Path machines() {
        return path.resolve("machines");
    }

    /** The replica disk: sparse, raw, the latest applied position. */
    Path disk(DiskName disk) {
        return path.resolve(disk + ".raw");
    }

    /** Where the disks lie that were there before the replica; absent where there is none. */
    Path disks() {
        return path.resolve("disks.json");
    }

    /** The points that stay until they are let go. */
    Path pins() {
        return path.resolve("pins.json");
    }

    /** The number of the server that has an adopted image open. */
    Path server(DiskName disk) {
        return path.resolve(disk + ".server.pid");
    }

    Path journal() {
        return path.resolve("journal");
    }

    Path undo() {
        return path.resolve("undo");
    }

    Path branches() {
        return path.resolve("branches");
    }

    /**
     * Gives a replica that nothing was ever written to what the first version made only later: its state, and its empty
     * folders. Does nothing to any other: what it lacks is lost, and is not made anew.
     */
    void completeUntouched(ReplicaSpec replica) throws IOException {
        if (Files.exists(state()) || !isUntouched(replica)) {
            return;
        }
        for (Path part : List.of(journal(), undo(), branches())) {
            Folders.makeIfAbsent(part, FolderAccess.PRIVATE);
        }
        ReplicaJson.write(state(), ReplicaState.fresh(replica));
    }

    /** Whether a branch is there, complete or not to be read; a folder that is missing may be anywhere. */
    boolean mayHaveBranches() throws IOException {
        return Files.isDirectory(branches()) && FolderTree.entries(branches()).stream().anyMatch(Files::isDirectory);
    }

    private boolean isUntouched(ReplicaSpec replica) throws IOException {
        for (Path part : List.of(journal(), undo(), branches())) {
            if (Files.exists(part) && !FolderTree.entries(part).isEmpty()) {
                return false;
            }
        }
        for (ReplicaDisk disk : replica.disks()) {
            if (!Files.exists(disk(disk.name()))) {
                return false;
            }
            try (RawFile file = RawFile.open(disk(disk.name()))) {
                if (!file.allocated(new Extent(0, file.size().bytes())).isEmpty()) {
                    return false;
                }
            }
        }
        return true;
    }
}
