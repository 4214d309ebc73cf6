package org.understudy.agent.target;

import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replication.Greeting;
import org.understudy.replication.ReplicaAccess;
import org.understudy.replication.ReplicaSession;

/**
 * Lets the wire's sessions in to the replicas of this host: only for items that the vault told of, only from the source
 * and in the generation named there (SEC-04).
 */
public final class ReplicaReception implements ReplicaAccess {
    private final ReplicaCatalog replicas;
    private final Feeding feeding;
    private final ToLongFunction<ItemId> newest;

    /**
     * Of a host.
     *
     * @param owner of the replicas' loops, which removes none that has a session
     * @param newest the newest generation of an item in which this host has a part, as source or target; 0 for none
     */
    public ReplicaReception(ReplicaCatalog replicas, Replicas owner, ToLongFunction<ItemId> newest) {
        this(replicas, owner.feeding(), newest);
    }

    /** Of replicas that nobody removes, on a host that is the source of nothing. */
    public ReplicaReception(ReplicaCatalog replicas) {
        this(replicas, new Feeding(replicas, Clock.systemUTC()), replicas::newestGeneration);
    }

    ReplicaReception(ReplicaCatalog replicas, Feeding feeding, ToLongFunction<ItemId> newest) {
        this.replicas = replicas;
        this.feeding = feeding;
        this.newest = newest;
    }

    @Override
    public ReplicaSession open(Greeting greeting) throws IOException {
        RelationshipId relationship = greeting.relationship();
        Optional<Replica> found = replicas.find(relationship);
        if (found.isPresent() && !found.get().spec().source().equals(greeting.source())) {
            throw refused(greeting, "takes this item from another host");
        }
        long later = newest.applyAsLong(relationship.item());
        if (later > relationship.generation()) {
            throw FailureException.of(FailureCode.RELATIONSHIP_OVER, "The item goes on in generation " + later
                    + " at the target; the replication " + relationship + " to it is over.");
        }
        Replica replica = found.orElseThrow(() -> refused(greeting, "has no such replica"));
        if (replica.fenced()) {
            throw FailureException.of(FailureCode.REPLICA_FENCED, "Item " + relationship.item() + " (VM "
                    + replica.spec().vmName()
                    + ") was failed over; its replica takes nothing from its source any more.");
        }
        return feeding.known(relationship, replica.session(definition -> requireOfTheVm(replica, definition)));
    }

    private static FailureException refused(Greeting greeting, String why) {
        return FailureException.of(FailureCode.RELATIONSHIP_REFUSED, "Host " + greeting.source()
                + " may not send segments of relationship " + greeting.relationship() + ": this host " + why + ".");
    }

    /** Whoever ships the disks of one VM may not have another defined in its place. */
    private static void requireOfTheVm(Replica replica, String machineDefinition) {
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
    }
}
