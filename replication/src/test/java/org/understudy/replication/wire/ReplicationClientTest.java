package org.understudy.replication.wire;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.understudy.model.LogPosition;
import org.understudy.replication.Segment;
import org.understudy.replication.TargetEnd;
import org.understudy.replication.TargetEndContract;

/** A session over TLS keeps the promises of one in memory. */
class ReplicationClientTest extends TargetEndContract {
    private final WireWorld world;

    ReplicationClientTest() throws IOException {
        world = new WireWorld();
    }

    @AfterEach
    void close() throws IOException {
        world.close();
    }

    @Override
    protected TargetEnd dial() throws IOException {
        return world.dial();
    }

    @Override
    protected List<Segment> segments(LogPosition position) {
        return List.of(WireWorld.segment(WireWorld.VDA, position.sequence(), 3000),
                WireWorld.segment(WireWorld.VDB, position.sequence(), 10));
    }

    @Override
    protected void damageAfter(LogPosition position) {
        world.replica.damageJournalAfter(position);
    }
}
