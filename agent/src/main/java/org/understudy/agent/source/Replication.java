package org.understudy.agent.source;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.understudy.command.AgentReport;
import org.understudy.model.ByteCount;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.RelationshipId;
import org.understudy.replication.DriverReport;
import org.understudy.replication.ReplicationDriver;
import org.understudy.replication.Trouble;

/** One replication: a relationship, its source end, and the driver between it and the target; paused, it stands. */
final class Replication implements AutoCloseable {
    private final RelationshipId id;
    private final LibvirtSourceEnd source;
    private final ReplicationDriver driver;
    private volatile boolean closed;

    Replication(LibvirtSourceEnd source, ReplicationDriver driver) {
        this.id = source.relationship().id();
        this.source = source;
        this.driver = driver;
    }

    Relationship relationship() {
        return source.relationship();
    }

    LibvirtSourceEnd source() {
        return source;
    }

    /** Begins, unless somebody has the VM alone. */
    void start() {
        if (relationship().paused().isEmpty()) {
            driver.start();
        }
    }

    /** A person dealt with what halted it, or the VM changed its state: what waited or stood still goes on. */
    void resume() {
        if (relationship().paused().isEmpty()) {
            driver.resume();
            driver.nudge();
        }
    }

    /** Makes the next attempt of both loops now, unless it is paused. */
    void nudge() {
        driver.nudge();
    }

    /** What keeps it from getting on, if anything does. */
    Optional<Trouble> trouble() {
        return driver.report().trouble();
    }

    /** How many bytes went to the target since it was started. */
    ByteCount sent() {
        return driver.report().sent();
    }

    /** How it stands, for the vault. */
    AgentReport.SourceProgress report() throws IOException {
        var standing = source.standing();
        SourceState state = source.state();
        DriverReport report = driver.report();
        Optional<Failure> paused = relationship().paused().map(this::paused);
        return new AgentReport.SourceProgress(
                id, standing.captured(), standing.acknowledged(), standing.covered(),
                standing.total(), standing.waiting(), report.sent(), state.changed(),
                state.acknowledged().instant(), paused.or(() -> report.trouble().map(Trouble::failure)),
                report.trouble().map(Trouble::attempt).orElse(0), report.trouble().flatMap(Trouble::nextAttempt),
                state.anew().map(why -> FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED, "The disks of VM "
                        + relationship().vmName() + " are covered anew: " + why
                        + (why.endsWith(".") ? "" : ".")).failure()),
                state.comparison().map(SourceState.Comparison::compared).orElse(ByteCount.ZERO),
                state.comparison().map(SourceState.Comparison::equal).orElse(ByteCount.ZERO));
    }

    private Failure paused(Relationship.Paused paused) {
        return FailureException.of(FailureCode.REPLICATION_PAUSED, "Replication of VM " + relationship().vmName()
                + " was paused by " + paused.by() + " at " + paused.since() + ".").failure();
    }

    /** Whether it was told to end. */
    boolean closed() {
        return closed;
    }

    /** Whether nothing of it works any more; a call that libvirt does not answer may take longer than a stop. */
    boolean ended(Duration atMost) {
        return driver.ended(atMost);
    }

    /** Tells its loops to end, and waits a moment for that. */
    @Override
    public void close() {
        closed = true;
        driver.close();
    }
}
