package org.understudy.replica;

import java.nio.file.Path;
import org.understudy.model.DiskName;

/** Where each file of one replica lies; see {@code docs/formats/replica-folder.md}. Touches no file itself. */
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

    /** The replica disk: sparse, raw, the latest applied position. */
    Path disk(DiskName disk) {
        return path.resolve(disk + ".raw");
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
}
