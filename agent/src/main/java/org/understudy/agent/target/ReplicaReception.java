package org.understudy.agent.target;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.VmId;
import org.understudy.replica.JournalPosition;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replication.Greeting;
import org.understudy.replication.HashAnswer;
import org.understudy.replication.HashRequest;
import org.understudy.replication.ReplicaAccess;
import org.understudy.replication.ReplicaSession;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.SegmentReceiver;
import org.understudy.replication.TargetStanding;

/**
 * Lets the wire's sessions in to the replicas of this host: only for items that the vault told of, only from the source
 * and in the generation named there (SEC-04).
 */
public final class ReplicaReception implements ReplicaAccess {
    private final ReplicaCatalog replicas;
    private final Feeding feeding;

    /** @param owner of the replicas' loops, which removes none that has a session */
    public ReplicaReception(ReplicaCatalog replicas, Replicas owner) {
        this.replicas = replicas;
        this.feeding = owner.feeding();
    }

    /** Of replicas that nobody removes. */
    public ReplicaReception(ReplicaCatalog replicas) {
        this.replicas = replicas;
        this.feeding = new Feeding(replicas, Clock.systemUTC());
    }

    @Override
    public ReplicaSession open(Greeting greeting) throws IOException {
        Replica replica = replicas.find(greeting.item()).orElseThrow(() -> refused(greeting, "has no such replica"));
        if (!replica.spec().source().equals(greeting.source())) {
            throw refused(greeting, "takes this item from another host");
        }
        if (replica.spec().generation() != greeting.generation()) {
            throw refused(greeting, "takes generation " + replica.spec().generation() + " of this item, not "
                    + greeting.generation());
        }
        if (replica.fenced()) {
            throw FailureException.of(FailureCode.REPLICA_FENCED, "Item " + greeting.item() + " (VM "
                    + replica.spec().vmName()
                    + ") was failed over; its replica takes nothing from its source any more.");
        }
        return feeding.known(greeting.item(), new Session(replica));
    }

    private static FailureException refused(Greeting greeting, String why) {
        return FailureException.of(FailureCode.RELATIONSHIP_REFUSED, "Host " + greeting.source()
                + " may not send segments of item " + greeting.item() + ": this host " + why + ".");
    }

    /** One source's session with one replica. */
    private record Session(Replica replica) implements ReplicaSession {
        @Override
        public TargetStanding standing() throws IOException {
            JournalPosition position = replica.standing();
            Map<DiskName, TargetStanding.Held> held = new HashMap<>();
            for (JournalPosition.DiskStanding disk : position.disks()) {
                disk.next().ifPresent(segment -> held.put(disk.disk(),
                        new TargetStanding.Held(new ByteCount(segment.verified()), segment.capture())));
            }
            return new TargetStanding(position.acknowledged(), held, position.wholeUpTo());
        }

        @Override
        public SegmentReceiver receive(SegmentOffer offer) throws IOException {
            var receiver = replica.receive(offer.disk(), offer.position(), offer.capture(), offer.fromOffset());
            return new SegmentReceiver() {
                @Override
                public void accept(ByteBuffer bytes) throws IOException {
                    receiver.accept(bytes);
                }

                @Override
                public void durable() throws IOException {
                    receiver.durable();
                }

                @Override
                public void close() throws IOException {
                    receiver.close();
                }
            };
        }

        @Override
        public void define(LogPosition position, String machineDefinition) throws IOException {
            replica.rememberDefinition(position, ofTheVm(machineDefinition));
        }

        /** Whoever ships the disks of one VM may not have another defined in its place. */
        private String ofTheVm(String machineDefinition) {
            VmId told;
            try {
                told = new MachineDefinition(machineDefinition).id();
            } catch (IllegalArgumentException e) {
                throw FailureException.of(FailureCode.RELATIONSHIP_REFUSED, "The source told a definition of VM "
                        + replica.spec().vmName() + " that is none: " + e.getMessage() + ".").causedBy(e);
            }
            if (!told.equals(replica.spec().vm())) {
                throw FailureException.of(FailureCode.RELATIONSHIP_REFUSED, "The source told the definition of VM "
                        + told + " as that of VM " + replica.spec().vmName() + " (" + replica.spec().vm() + ").");
            }
            return machineDefinition;
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
            // The replica outlives its sessions; receivers are closed by whoever opened them.
        }
    }
}
