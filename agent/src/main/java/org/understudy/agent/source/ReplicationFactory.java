package org.understudy.agent.source;

import java.time.Instant;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.HostId;
import org.understudy.replication.Backoff;
import org.understudy.replication.Pace;
import org.understudy.replication.ReplicationDriver;
import org.understudy.replication.TargetDialer;

/** Puts together what one relationship needs to run, from what all of an agent's relationships share. */
public final class ReplicationFactory {
    private final Hypervisor hypervisor;
    private final RelationshipStore store;
    private final CycleCapture cycleCapture;
    private final Dialers dialers;
    private final Pace pace;
    private final HostId self;

    /** @param self whose checkpoints these are */
    public ReplicationFactory(
            Hypervisor hypervisor, RelationshipStore store, CycleCapture cycleCapture, Dialers dialers, Pace pace,
            HostId self) {
        this.hypervisor = hypervisor;
        this.store = store;
        this.cycleCapture = cycleCapture;
        this.dialers = dialers;
        this.pace = pace;
        this.self = self;
    }

    Replication create(Relationship relationship) {
        LibvirtSourceEnd source = new LibvirtSourceEnd(
                relationship, hypervisor, store, this::disks, cycleCapture, self);
        ReplicationDriver driver = new ReplicationDriver(
                relationship.item(), source, dialers.to(relationship), relationship.settings().copyFrequency(),
                Backoff.OF_REPLICATION, pace);
        return new Replication(source, driver);
    }

    /** Whose checkpoints its replications make. */
    HostId self() {
        return self;
    }

    Instant now() {
        return pace.now();
    }

    /** What a relationship has left on this host, or would leave. */
    SourceRemains remains(Relationship relationship) {
        return new SourceRemains(relationship, hypervisor, disks(relationship));
    }

    private SourceDisks disks(Relationship relationship) {
        return new SourceDisks(relationship);
    }

    /** The way to the target of a relationship. */
    @FunctionalInterface
    public interface Dialers {
        TargetDialer to(Relationship relationship);
    }
}
