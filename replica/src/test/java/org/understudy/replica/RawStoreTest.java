package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;

/** The contract over raw files in the replica's folder. */
@Tag("slow")
class RawStoreTest extends ReplicaStoreContract {
    @Override
    protected ReplicaWorld make(Path folder) throws IOException {
        return new ReplicaWorld(folder, 51, new Retention(0, Duration.ofDays(15)));
    }
}
