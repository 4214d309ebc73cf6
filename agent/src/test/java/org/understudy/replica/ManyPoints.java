package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeSet;
import org.understudy.model.Consistency;
import org.understudy.model.LogPosition;

/** Recovery points that an agent has in memory and no disk has: millions, for tests of what they cost there. */
public final class ManyPoints {
    private ManyPoints() {}

    /** Has a replica that is closed stand at a position, as if it had applied everything up to it. */
    public static void standAt(Path folder, ReplicaSpec spec, long sequence, Instant at) throws IOException {
        ReplicaInstant applied = new ReplicaInstant(new LogPosition(1, sequence), at, Consistency.CRASH);
        ReplicaDisk disk = spec.disks().getFirst();
        ReplicaJson.write(folder.resolve("state.json"), new ReplicaState(
                applied, Map.of(disk.name(), disk.size()), applied, false, false, new TreeSet<>()));
    }

    /** Gives an open replica a point a second before the one that it stands at; the first is application-consistent. */
    public static void fill(Replica replica, int count, Instant first) {
        for (int i = 0; i < count; i++) {
            replica.store.instants().add(new ReplicaInstant(new LogPosition(1, i + 1), first.plusSeconds(i),
                    i == 0 ? Consistency.APPLICATION : Consistency.CRASH));
        }
    }
}
