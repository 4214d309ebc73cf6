package org.understudy.simulation;

import org.understudy.replication.SourceEnd;
import org.understudy.replication.SourceEndContract;

/** The source of the seeded search keeps the promises of a real one. */
class SimulatedSourceTest extends SourceEndContract {
    private Simulation simulation = new Simulation(1);
    private SimulatedSource source = new SimulatedSource(simulation);

    @Override
    protected SourceEnd source() {
        return source;
    }

    @Override
    protected void loseTrack() {
        source.loseTrack();
    }

    @Override
    protected void keep(int what) {
        source.keep(what);
    }

    @Override
    protected void loseLogs() {
        source.loseLogs();
    }

    @Override
    protected void inItsWorld(Doing doing) {
        simulation = new Simulation(1);
        source = new SimulatedSource(simulation);
        source.calm();
        SimulatedWorld.run(simulation, doing::run);
    }
}
