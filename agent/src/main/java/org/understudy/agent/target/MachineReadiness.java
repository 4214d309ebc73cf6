package org.understudy.agent.target;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.ItemId;
import org.understudy.model.Portability;
import org.understudy.replica.Replica;

/**
 * What this host makes of the VMs whose replicas it holds, known before anybody asks for a test or a failover: looked
 * at anew when a VM's definition changed, and every {@value #SECONDS} seconds, for what the host offers changes too.
 *
 * <p>Answers at once with what is known; one look after the other is taken on a thread of its own, so that a report
 * never waits for a hypervisor.
 */
public final class MachineReadiness implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MachineReadiness.class);
    private static final int SECONDS = 30;

    private final TargetPlanner planner;
    private final Clock clock;
    private final Map<ItemId, Look> looks = new ConcurrentHashMap<>();
    /** Whose look waits or is taken: one at a time, however long a hypervisor does not answer. */
    private final Set<ItemId> underWay = ConcurrentHashMap.newKeySet();
    private final ExecutorService looking = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("machine-readiness").factory());

    public MachineReadiness(TargetPlanner planner, Clock clock) {
        this.planner = planner;
        this.clock = clock;
    }

    /** @param found empty while the first look is taken, or when it could not be */
    private record Look(String definition, Instant asked, Optional<Portability> found) {}

    /** What is known of a replica's VM at its newest position; empty for one that has failed over. */
    Optional<Portability> of(Replica replica) throws IOException {
        ItemId item = replica.spec().item();
        Optional<String> definition = replica.fenced() ? Optional.empty() : replica.definition();
        if (definition.isEmpty()) {
            looks.remove(item);
            return Optional.empty();
        }
        Instant now = clock.instant();
        Look last = looks.get(item);
        boolean changed = last == null || !last.definition().equals(definition.get());
        boolean due = changed || Duration.between(last.asked(), now).toSeconds() >= SECONDS;
        if (due && underWay.add(item)) {
            Optional<Portability> before = changed ? Optional.empty() : last.found();
            looks.put(item, new Look(definition.get(), now, before));
            looking.execute(() -> look(replica, definition.get()));
        }
        return Optional.ofNullable(looks.get(item)).filter(look -> look.definition().equals(definition.get()))
                .flatMap(Look::found);
    }

    private void look(Replica replica, String definition) {
        ItemId item = replica.spec().item();
        try {
            Portability found = planner.portability(replica, definition);
            looks.computeIfPresent(item, (_, look) -> look.definition().equals(definition)
                    ? new Look(definition, look.asked(), Optional.of(found)) : look);
        } catch (FailureException | IOException e) {
            LOG.debug("the VM of a replica could not be looked at item={}", item, e);
        } catch (RuntimeException e) {
            LOG.warn("the VM of a replica could not be looked at item={} reason={}", item,
                    FailureTeller.reason(e), e);
        } finally {
            underWay.remove(item);
        }
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }
}
