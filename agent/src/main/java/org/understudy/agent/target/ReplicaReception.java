package org.understudy.agent.target;

import java.io.IOException;
import java.time.Clock;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
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
        return feeding.known(greeting.item(), replica.session(definition -> requireOfTheVm(replica, definition)));
    }

    private static FailureException refused(Greeting greeting, String why) {
        return FailureException.of(FailureCode.RELATIONSHIP_REFUSED, "Host " + greeting.source()
                + " may not send segments of item " + greeting.item() + ": this host " + why + ".");
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
