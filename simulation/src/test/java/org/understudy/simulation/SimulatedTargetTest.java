package org.understudy.simulation;

import java.io.IOException;
import java.util.List;
import org.understudy.model.LogPosition;
import org.understudy.replication.Segment;
import org.understudy.replication.TargetEnd;
import org.understudy.replication.TargetEndContract;

/** The target of the seeded search keeps the promises of a real one. */
class SimulatedTargetTest extends TargetEndContract {
    private final Simulation simulation = new Simulation(1);
    private final SimulatedTarget target = new SimulatedTarget(simulation, true);

    @Override
    protected TargetEnd dial() throws IOException {
        return target.dial(1);
    }

    @Override
    protected List<Segment> segments(LogPosition position) {
        byte[] nothing = {0, 0, 0, 0, (byte) position.sequence()};
        return SimulatedSource.DISKS.stream().<Segment>map(
                disk -> new SimulatedSegment(disk, position, nothing)).toList();
    }

    @Override
    protected void damageAfter(LogPosition position) {
        target.damageJournal((int) (target.acknowledged().sequence() - position.sequence()));
    }

    @Override
    protected void inItsWorld(Doing doing) {
        SimulatedWorld.run(simulation, doing::run);
    }
}
