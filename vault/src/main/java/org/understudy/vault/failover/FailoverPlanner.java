package org.understudy.vault.failover;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.understudy.api.ReadinessError;
import org.understudy.command.PointChoice;
import org.understudy.command.PointsHeld;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.vault.item.Outlook;
import org.understudy.vault.item.Prerequisites;

/** The rules by which an item may be started at its target, for a test or for good. Pure. */
public final class FailoverPlanner {
    private FailoverPlanner() {}

    /**
     * What is known of the item's target.
     *
     * @param held its recovery points
     * @param chosenIsThere whether the target has the one that was chosen from the list, if one was
     * @param missingNetworks mapped networks that the target host lacks
     */
    public record Facts(
            String item, String target, boolean targetConnected, PointsHeld held, boolean chosenIsThere,
            List<String> missingNetworks) {
        public Facts {
            missingNetworks = List.copyOf(missingNetworks);
        }
    }

    /**
     * What is known of the source VM.
     *
     * @param power as reported last; empty when its host has no such VM
     * @param shutDown whether it is to be shut down first
     * @param forced whether an administrator vouches for it
     */
    public record Source(
            String vm, String host, boolean connected, Optional<PowerState> power, boolean shutDown, boolean forced) {}

    /**
     * What is known of the source of a planned failover.
     *
     * @param understands whether its agent knows how to finish
     * @param trouble what keeps replication from getting on
     */
    public record PlannedSource(
            String vm, String host, boolean connected, boolean understands, Optional<PowerState> power,
            Optional<Failure> trouble) {}

    /** Whether the item can be failed over without loss: everything works, at both ends (PF-02, PF-04). */
    public static Prerequisites planned(Facts facts, PlannedSource source, Outlook outlook) {
        Prerequisites checks = common(facts, new PointChoice.Latest())
                .add("The source host is connected", source.connected() ? Optional.empty()
                        : Optional.of(ReadinessError.of(FailureCode.AGENT_UNREACHABLE, "the agent on source host "
                                + source.host() + " does not report; if the source is lost, fail over unplanned")))
                .add("The agent on the source host can finish a replication", source.understands() ? Optional.empty()
                        : Optional.of(ReadinessError.of(FailureCode.PROTOCOL_VIOLATED, "the agent on host "
                                + source.host() + " is of a release that cannot; update it")))
                .add("The source virtual machine runs, or is shut off", runsOrIsOff(source))
                .add("Replication gets on", source.trouble()
                        .filter(trouble -> trouble.code() != FailureCode.VM_NOT_RUNNING)
                        .map(trouble -> ReadinessError.of(trouble.code(), trouble.message())));
        return startable(checks, facts, outlook, false);
    }

    private static Optional<ReadinessError> runsOrIsOff(PlannedSource source) {
        if (source.power().isEmpty()) {
            return Optional.of(ReadinessError.of(FailureCode.VM_NOT_FOUND_AT_SOURCE,
                    "virtual machine " + source.vm() + " is not defined on host " + source.host()));
        }
        return switch (source.power().get()) {
            case RUNNING, SHUT_OFF -> Optional.empty();
            case PAUSED, CRASHED -> Optional.of(ReadinessError.of(FailureCode.STATE_FORBIDS,
                    "Virtual machine " + source.vm() + " is not running and is not powered off on host "
                            + source.host() + ": it is " + source.power().get().name().toLowerCase(Locale.ROOT)));
        };
    }

    /** Whether a test VM can be started (TF-03). */
    public static Prerequisites test(Facts facts, PointChoice point, Optional<String> missingTestNetwork,
            Optional<String> networkOfProduction) {
        return common(facts, point)
                .add("The test network is there", missingTestNetwork.map(network -> ReadinessError.of(
                        FailureCode.NOT_FOUND, "host " + facts.target() + " has no network " + network)))
                .add("The test network is not production's", networkOfProduction.map(network -> ReadinessError.of(
                        FailureCode.STATE_FORBIDS, ("Network %s of host %s is where VMs of production go after a "
                                + "failover: the test VM of item %s has the addresses of the VM that runs. Name a "
                                + "network that is kept apart, or force it with a reason (--force --reason).")
                                .formatted(network, facts.target(), facts.item()))));
    }

    /** Whether the item can be failed over; a source that is silent is no obstacle (UF-02). */
    public static Prerequisites failover(Facts facts, PointChoice point, Source source, Outlook outlook) {
        return startable(common(facts, point)
                .add("What would be lost was named", ofOldDisks(facts, point, source))
                .add("The source virtual machine does not run, or will be shut down", stillRunning(source)),
                facts, outlook, source.forced());
    }

    /**
     * The first position of a later direction is what the target had when the VM left it: all that it wrote since is
     * lost by a failover to that, which nobody means by "latest".
     */
    private static Optional<ReadinessError> ofOldDisks(Facts facts, PointChoice point, Source source) {
        return facts.held().latest().filter(newest -> newest.position().sequence() == 0)
                .filter(_ -> !(point instanceof PointChoice.Custom))
                .map(old -> ReadinessError.of(FailureCode.NO_RECOVERY_POINT, "item " + facts.item()
                        + " has no recovery point of what it wrote on host " + source.host()
                        + " yet; point " + old.position() + " is what host " + facts.target() + " had of it at "
                        + old.capturedAt() + ". To start from that, and lose all since, name it: understudy failover "
                        + "start " + facts.item() + " --point " + old.position()));
    }

    private static Prerequisites startable(Prerequisites checks, Facts facts, Outlook outlook, boolean forced) {
        return checks
                .add("The target host has the mapped networks", networks(facts))
                .add("The target host can start the virtual machine", outlook.obstacles().isEmpty()
                        ? Optional.empty()
                        : Optional.of(ReadinessError.of(FailureCode.TARGET_CANNOT_RUN_VM, "host " + facts.target()
                                + " cannot start virtual machine " + facts.item() + ": "
                                + String.join(" ", outlook.obstacles()))))
                .add("All disks of the virtual machine are replicated",
                        outlook.unprotected().isEmpty() || forced ? Optional.empty()
                                : Optional.of(ReadinessError.of(FailureCode.DISK_CHANGED,
                                        String.join(" ", outlook.unprotected())
                                                + " A failover without it needs force and a reason.")))
                .warn(outlook.unprotected()).warn(outlook.warnings());
    }

    /** Whether a VM that was failed over can be started from another point (CM-01). */
    public static Prerequisites changePoint(Facts facts, PointChoice point) {
        return common(facts, point).add("The target host has the mapped networks", networks(facts));
    }

    /** Whether the VM that was failed over is the only one of it that is known to run. */
    public static Prerequisites oneCopy(Source source) {
        return new Prerequisites().add("The source virtual machine does not run", stillRunning(source));
    }

    /**
     * What is known of the host that gets the replica of a VM that was failed over.
     *
     * @param paired whether VMs may replicate there from where it runs
     * @param power of the VM there, whose disks become the replica's; empty when the host has no such VM
     * @param missingNetworks mapped networks that it lacks
     */
    public record NewTarget(String vm, String host, boolean connected, boolean paired, Optional<PowerState> power,
            List<String> missingNetworks) {
        public NewTarget {
            missingNetworks = List.copyOf(missingNetworks);
        }
    }

    /** Whether a VM that was failed over can replicate to a host, over the copy there or to a new replica. */
    public static Prerequisites reverse(NewTarget target, String runsAt, boolean connected) {
        Prerequisites checks = new Prerequisites()
                .add("The host of the virtual machine is connected", connected ? Optional.empty()
                        : Optional.of(ReadinessError.of(FailureCode.AGENT_UNREACHABLE,
                                "the agent on host " + runsAt + " does not report")))
                .add("The host that gets the replica is connected", target.connected() ? Optional.empty()
                        : Optional.of(ReadinessError.of(FailureCode.AGENT_UNREACHABLE,
                                "the agent on host " + target.host() + " does not report")))
                .add("The host that gets the replica is in the cloud of the other side", target.paired()
                        ? Optional.empty() : Optional.of(ReadinessError.of(FailureCode.NO_SUITABLE_HOST, "host "
                                + target.host() + " is not in the cloud to which virtual machines of host " + runsAt
                                + " replicate")));
        return target.power().isPresent()
                ? checks.add("The copy that was left behind does not run", stillRunning(new Source(target.vm(),
                        target.host(), target.connected(), target.power(), false, false)))
                : checks.add("The host that gets a new replica has the mapped networks",
                        target.missingNetworks().isEmpty() ? Optional.empty()
                                : Optional.of(lacks(target.host(), target.missingNetworks(), target.vm())));
    }

    private static ReadinessError lacks(String host, List<String> networks, String item) {
        return ReadinessError.of(FailureCode.NO_SUITABLE_HOST, "host " + host + " lacks network "
                + String.join(", ", networks) + ", to which item " + item + " is mapped");
    }

    private static Optional<ReadinessError> networks(Facts facts) {
        return facts.missingNetworks().isEmpty() ? Optional.empty()
                : Optional.of(lacks(facts.target(), facts.missingNetworks(), facts.item()));
    }

    /** The source VM is known to run and nothing will be done about it (UF-05). */
    private static Optional<ReadinessError> stillRunning(Source source) {
        boolean runs = source.connected() && source.power().filter(power -> power != PowerState.SHUT_OFF).isPresent();
        return runs && !source.shutDown() && !source.forced()
                ? Optional.of(ReadinessError.of(FailureCode.SOURCE_STILL_RUNNING,
                        "virtual machine " + source.vm() + " still runs on host " + source.host()))
                : Optional.empty();
    }

    private static Prerequisites common(Facts facts, PointChoice point) {
        return new Prerequisites()
                .add("The target host is connected", facts.targetConnected()
                        ? Optional.empty()
                        : Optional.of(ReadinessError.of(FailureCode.AGENT_UNREACHABLE,
                                "the agent on target host " + facts.target() + " does not report")))
                .add("The recovery point is there", point(facts, point));
    }

    private static Optional<ReadinessError> point(Facts facts, PointChoice choice) {
        if (facts.held().count() == 0) {
            return Optional.of(ReadinessError.of(FailureCode.NO_RECOVERY_POINT,
                    "item " + facts.item() + " has no recovery point yet"));
        }
        return switch (choice) {
            case PointChoice.Latest _, PointChoice.LatestProcessed _ -> Optional.empty();
            case PointChoice.LatestApplicationConsistent _ -> facts.held().latestApplicationConsistent().isPresent()
                    ? Optional.empty()
                    : Optional.of(ReadinessError.of(FailureCode.NO_RECOVERY_POINT,
                            "item " + facts.item() + " has no application-consistent recovery point"));
            case PointChoice.Custom custom -> facts.chosenIsThere()
                    ? Optional.empty()
                    : Optional.of(ReadinessError.of(FailureCode.NO_RECOVERY_POINT,
                            "item " + facts.item() + " has no recovery point " + custom.position()));
        };
    }
}
