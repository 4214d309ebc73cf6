package org.understudy.replica;

import java.io.IOException;
import org.understudy.model.LogPosition;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.MachineState;
import org.understudy.replication.ReplicaSession;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.SegmentReceiver;
import org.understudy.replication.StateDigest;
import org.understudy.replication.TargetStanding;

/** One source's session with one replica, which is the same for all of them and outlives each. */
public final class SourceSession implements ReplicaSession {
    private final Replica replica;
    private final DefinitionCheck check;

    SourceSession(Replica replica, DefinitionCheck check) {
        this.replica = replica;
        this.check = check;
    }

    /** Who can read definitions, which are opaque here. */
    @FunctionalInterface
    public interface DefinitionCheck {
        /** Passes a definition that the source may tell of the replica's VM; throws RELATIONSHIP_REFUSED otherwise. */
        void check(String machineDefinition);
    }

    @Override
    public TargetStanding standing() throws IOException {
        return replica.standing();
    }

    @Override
    public SegmentReceiver receive(SegmentOffer offer) throws IOException {
        return replica.receive(offer);
    }

    @Override
    public void define(LogPosition position, String machineDefinition) throws IOException {
        check.check(machineDefinition);
        replica.rememberDefinition(position, machineDefinition);
    }

    @Override
    public StateDigest keptState() {
        return replica.machine.promisedState();
    }

    @Override
    public void keep(LogPosition position, MachineState state) throws IOException {
        replica.rememberState(position, state);
    }

    @Override
    public void acknowledge(LogPosition position) throws IOException {
        replica.acknowledge(position);
    }

    @Override
    public HashAnswer hashes(HashRequest asked) throws IOException {
        return replica.divergence().hashes(
                asked.disk(), asked.position(), asked.key(), asked.firstBlock(), asked.blocks())
                .<HashAnswer>map(HashAnswer.Hashes::new).orElseGet(() -> new HashAnswer.NotNow(
                        "the disks of " + replica.spec().vmName() + " are not at " + asked.position() + " yet"));
    }

    @Override
    public void goBackTo(LogPosition position) throws IOException {
        replica.divergence().goBackTo(position);
    }

    @Override
    public void close() {
        // The replica goes on; receivers are closed by whoever opened them.
    }
}
