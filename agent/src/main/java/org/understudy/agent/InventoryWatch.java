package org.understudy.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentReport;
import org.understudy.hypervisor.HostLook;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.HypervisorAwayException;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.VirtualNetwork;
import org.understudy.model.VmId;
import org.understudy.model.loop.EndlessLoop;
import org.understudy.replication.Pace;

/**
 * The loop that looks every two seconds at what the host has, apart from everything else, since a hypervisor may let it
 * wait as long as it likes. What it saw last may be asked for at any time, and what kept it from seeing.
 */
final class InventoryWatch implements EndlessLoop.Turn {
    private static final Logger LOG = LoggerFactory.getLogger(InventoryWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    /** A look takes milliseconds, and a few seconds where VMs do not answer. */
    private static final Duration LOOK_MAX = Duration.ofSeconds(15);

    private final Hypervisor hypervisor;
    private final Supplier<Set<VmId>> tests;
    private final Listener listener;
    private final Pace pace;
    private final Pause pause;
    private volatile Seen seen = new Seen(Optional.empty(), List.of());
    private volatile long begun;
    private volatile boolean looking;
    private List<VirtualNetwork> networks = List.of();
    private String away = "";

    private record Seen(Optional<AgentReport.Inventory> inventory, List<Failure> troubles) {}

    /** Whoever depends on what the host has. */
    @FunctionalInterface
    interface Listener {
        void saw(HostLook look, List<VirtualNetwork> networks);
    }

    /** @param tests the test VMs, which are shown under their items and not as VMs to protect */
    InventoryWatch(
            Hypervisor hypervisor, Supplier<Set<VmId>> tests, Listener listener, Pace pace, Pause pause) {
        this.hypervisor = hypervisor;
        this.tests = tests;
        this.listener = listener;
        this.pace = pace;
        this.pause = pause;
    }

    @Override
    public void take() {
        begun = pace.nanos();
        looking = true;
        try {
            seen = look();
        } finally {
            looking = false;
        }
        pause.await(INTERVAL);
    }

    /** What the host had at the last look; empty when the hypervisor is away or does not answer. */
    Optional<AgentReport.Inventory> inventory() {
        return hangs() ? Optional.empty() : seen.inventory();
    }

    List<Failure> troubles() {
        if (!hangs()) {
            return seen.troubles();
        }
        return List.of(FailureException.of(FailureCode.HYPERVISOR_UNREACHABLE,
                "The hypervisor of this host has not answered for %d s.".formatted(
                        Duration.ofNanos(pace.nanos() - begun).toSeconds())).failure());
    }

    private boolean hangs() {
        return looking && pace.nanos() - begun > LOOK_MAX.toNanos();
    }

    private Seen look() {
        try {
            HostLook look = hypervisor.look();
            List<Failure> troubles = new ArrayList<>(look.troubles());
            Set<VmId> hidden = tests.get();
            networks().ifPresent(troubles::add);
            hypervisorIs("");
            listener.saw(look, networks);
            return new Seen(Optional.of(new AgentReport.Inventory(look.machines().stream()
                    .filter(machine -> !hidden.contains(machine.id())).toList(), networks)), troubles);
        } catch (HypervisorAwayException e) {
            return blind(FailureException.of(FailureCode.HYPERVISOR_UNREACHABLE, sentence(e)));
        } catch (FailureException e) {
            return blind(e);
        } catch (IOException | RuntimeException e) {
            return blind(FailureException.of(FailureCode.INTERNAL_ERROR,
                    "The VMs of this host could not be listed: " + sentence(e)).causedBy(e));
        }
    }

    /** The networks by themselves: a host without libvirt's network driver has VMs all the same. */
    private Optional<Failure> networks() throws HypervisorAwayException {
        try {
            networks = hypervisor.networks();
            return Optional.empty();
        } catch (HypervisorAwayException e) {
            throw e;
        } catch (FailureException e) {
            return Optional.of(e.failure());
        } catch (IOException | RuntimeException e) {
            return Optional.of(FailureException.of(FailureCode.INTERNAL_ERROR,
                    "The networks of this host could not be listed: " + sentence(e)).failure());
        }
    }

    private Seen blind(FailureException why) {
        hypervisorIs(why.failure().message());
        return new Seen(Optional.empty(), List.of(why.failure()));
    }

    private void hypervisorIs(String awayFor) {
        if (away.isEmpty() != awayFor.isEmpty()) {
            if (awayFor.isEmpty()) {
                LOG.info("hypervisor is in reach again");
            } else {
                LOG.warn("hypervisor went out of reach reason={}", awayFor);
            }
        }
        away = awayFor;
    }

    private static String sentence(Exception e) {
        String reason = FailureTeller.reason(e);
        return reason.endsWith(".") ? reason : reason + ".";
    }
}
