package org.understudy.agent.source;

import java.io.IOException;
import java.util.Optional;
import org.understudy.command.AgentReport;
import org.understudy.model.Failure;
import org.understudy.replication.DriverReport;
import org.understudy.replication.ReplicationDriver;

/** One running replication: a relationship, its source end, and the driver between it and the target. */
final class Replication implements AutoCloseable {
    private final Relationship relationship;
    private final LibvirtSourceEnd source;
    private final ReplicationDriver driver;

    Replication(Relationship relationship, LibvirtSourceEnd source, ReplicationDriver driver) {
        this.relationship = relationship;
        this.source = source;
        this.driver = driver;
    }

    Relationship relationship() {
        return relationship;
    }

    void start() {
        driver.start();
    }

    /** A person dealt with what halted it, or the VM changed its state: what waited or stood still goes on. */
    void resume() {
        driver.resume();
        driver.nudge();
    }

    /** How it stands, for the vault. */
    AgentReport.SourceProgress report() throws IOException {
        var standing = source.standing();
        SourceState state = source.state();
        DriverReport report = driver.report();
        Optional<Failure> trouble = report.trouble().map(it -> it.failure());
        return new AgentReport.SourceProgress(
                relationship.item(), standing.captured(), standing.acknowledged(), standing.covered(),
                standing.total(), standing.waiting(), report.sent(), state.changed(),
                state.acknowledged().instant(), trouble,
                report.trouble().map(it -> it.attempt()).orElse(0),
                report.trouble().flatMap(it -> it.nextAttempt()));
    }

    /** Stops, and removes what replication left on the source. */
    void remove() throws IOException {
        driver.close();
        source.remove();
    }

    @Override
    public void close() {
        driver.close();
    }
}
