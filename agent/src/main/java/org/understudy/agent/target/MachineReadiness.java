package org.understudy.agent.target;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.hypervisor.HostLook;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.RelationshipId;
import org.understudy.model.Portability;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualNetwork;
import org.understudy.model.VmId;
import org.understudy.replica.Replica;

/**
 * What this host makes of the VMs whose replicas it holds, known before anybody asks for a test or a failover. A look
 * defines the VM at the hypervisor and removes it again, so it is taken when one of its inputs changed: the VM's
 * definition, the networks, the boot files, a VM of the same name or identity, what the agent found of the host, or the
 * hypervisor itself, which was restarted. Without a change it is taken each hour, since nobody can tell of every input;
 * each five minutes where something hinders, or no look came through. At most one a second for all replicas together.
 *
 * <p>Answers at once with what is known; one look after the other is taken on a thread of its own, so that a report
 * never waits for a hypervisor.
 */
public final class MachineReadiness implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MachineReadiness.class);
    /** A look is up to a dozen calls of libvirt, some 50 ms; the host has other things to do. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final Duration AGAIN = Duration.ofHours(1);
    private static final Duration AGAIN_WHEN_HINDERED = Duration.ofMinutes(5);

    private final TargetPlanner planner;
    private final Clock clock;
    private final Map<RelationshipId, Look> looks = new ConcurrentHashMap<>();
    /** Whose look waits or is taken: one at a time, however long a hypervisor does not answer. */
    private final Set<RelationshipId> underWay = ConcurrentHashMap.newKeySet();
    private final ExecutorService looking = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("machine-readiness").factory());
    private final AtomicInteger facts = new AtomicInteger();
    private volatile Host host = new Host(0, Set.of(), Set.of(), List.of());
    private Instant lastLook = Instant.MIN;

    public MachineReadiness(TargetPlanner planner, Clock clock) {
        this.planner = planner;
        this.clock = clock;
    }

    /** @param found empty while the first look is taken, or when it could not be */
    private record Look(String definition, Inputs inputs, Instant asked, Optional<Portability> found) {}

    /** The host as it was seen last. */
    private record Host(
            int connection, Set<VirtualNetwork> networks, Set<String> boot, List<VirtualMachine> machines) {}

    /** What a look at one VM depends on beside its definition. */
    private record Inputs(
            int facts, int connection, Set<VirtualNetwork> networks, Set<String> boot, Set<VmId> alike,
            Optional<Path> firmware) {}

    /** Takes note of the host as its inventory shows it; asks nobody. */
    public void saw(HostLook look, List<VirtualNetwork> networks) {
        host = new Host(look.connection(), Set.copyOf(networks), planner.bootFiles(), look.machines());
    }

    /** Takes note that the agent found other facts of its host than before. */
    public void factsChanged() {
        facts.incrementAndGet();
    }

    /** What is known of a replica's VM at its newest position; empty for one that has failed over. */
    Optional<Portability> of(Replica replica) throws IOException {
        RelationshipId relationship = replica.spec().relationship();
        Optional<String> definition = replica.fenced() ? Optional.empty() : replica.definition();
        if (definition.isEmpty()) {
            looks.remove(relationship);
            return Optional.empty();
        }
        Instant now = clock.instant();
        Inputs inputs = inputs(replica);
        Look last = looks.get(relationship);
        boolean changed = last == null || !last.definition().equals(definition.get());
        if ((changed || isDue(last, inputs, now)) && begins(relationship, now)) {
            Optional<Portability> before = changed ? Optional.empty() : last.found();
            looks.put(relationship, new Look(definition.get(), inputs, now, before));
            looking.execute(() -> look(replica, definition.get()));
        }
        return Optional.ofNullable(looks.get(relationship)).filter(look -> look.definition().equals(definition.get()))
                .flatMap(Look::found);
    }

    private Inputs inputs(Replica replica) throws IOException {
        Host seen = host;
        String name = replica.spec().vmName();
        VmId vm = replica.spec().vm();
        return new Inputs(facts.get(), seen.connection(), seen.networks(), seen.boot(), seen.machines().stream()
                .filter(machine -> machine.name().equals(name) || machine.id().equals(vm))
                .map(VirtualMachine::id).collect(Collectors.toSet()),
                replica.machineState());
    }

    private static boolean isDue(Look last, Inputs inputs, Instant now) {
        boolean hindered = last.found().map(found -> !found.obstacles().isEmpty()).orElse(true);
        Duration age = Duration.between(last.asked(), now);
        return !last.inputs().equals(inputs) || age.isNegative()
                || age.compareTo(hindered ? AGAIN_WHEN_HINDERED : AGAIN) >= 0;
    }

    /** Whether it is this replica's turn; one that is turned away is asked for again by the next report. */
    private synchronized boolean begins(RelationshipId relationship, Instant now) {
        boolean soon = !now.isBefore(lastLook) && now.isBefore(lastLook.plus(BETWEEN_LOOKS));
        if (soon || !underWay.add(relationship)) {
            return false;
        }
        lastLook = now;
        return true;
    }

    /** Waits for the looks that were begun; for tests. */
    void settle() throws InterruptedException, ExecutionException {
        looking.submit(() -> { }).get();
    }

    private void look(Replica replica, String definition) {
        RelationshipId relationship = replica.spec().relationship();
        try {
            Portability found = planner.portability(replica, definition);
            looks.computeIfPresent(relationship, (_, look) -> look.definition().equals(definition)
                    ? new Look(definition, look.inputs(), look.asked(), Optional.of(found)) : look);
        } catch (FailureException | IOException e) {
            LOG.debug("the VM of a replica could not be looked at relationship={}", relationship, e);
        } catch (RuntimeException e) {
            LOG.warn("the VM of a replica could not be looked at relationship={} reason={}", relationship,
                    FailureTeller.reason(e), e);
        } finally {
            underWay.remove(relationship);
        }
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }
}
