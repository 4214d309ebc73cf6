package org.understudy.replication;

import java.io.IOException;
import java.util.List;
import org.understudy.model.LogPosition;

/** The target of the driver's tests keeps the promises of a real one. */
class MemoryTargetTest extends TargetEndContract {
    private final MemoryTarget target = new MemoryTarget(new ManualPace());

    @Override
    protected TargetEnd dial() throws IOException {
        return target.dial(1);
    }

    @Override
    protected List<Segment> segments(LogPosition position) {
        return MemorySource.DISKS.stream().<Segment>map(disk -> MemorySource.segment(disk, position)).toList();
    }

    @Override
    protected void damageAfter(LogPosition position) {
        target.damageJournalAfter(position);
    }
}
