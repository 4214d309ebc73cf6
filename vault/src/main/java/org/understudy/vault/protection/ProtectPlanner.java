package org.understudy.vault.protection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.understudy.api.ReadinessError;
import org.understudy.model.FailureCode;
import org.understudy.model.VirtualMachine;
import org.understudy.vault.item.Outlooks;
import org.understudy.vault.item.Prerequisites;
import org.understudy.vault.network.NetworkMapper;
import org.understudy.vault.network.PlacementPlanner;
import org.understudy.vault.network.PlacementPlanner.Candidate;
import org.understudy.vault.network.PlacementPlanner.Placed;
import org.understudy.vault.network.PlacementPlanner.Placement;

/** The rules by which a VM may be protected and where its replica goes (F-02, E-05, P-33). Pure. */
public final class ProtectPlanner {
    private ProtectPlanner() {}

    /**
     * What is known of the VM and of its surroundings.
     *
     * @param isProtected whether a protected item exists for it
     * @param cloud the name of its host's cloud
     * @param target where it may go; empty when the cloud is the source of no pair
     */
    public record Facts(
            VirtualMachine machine, String host, boolean hostConnected, boolean isProtected, Optional<String> cloud,
            Optional<Target> target) {}

    /**
     * Where replicas of a cloud go.
     *
     * @param mappings source network to target network
     * @param wanted the host that was asked for, by name
     */
    public record Target(
            String cloud, List<Candidate> candidates, Map<String, String> mappings, Optional<String> wanted) {
        public Target {
            candidates = List.copyOf(candidates);
            mappings = Map.copyOf(mappings);
        }
    }

    /** The checks and, if all are met, the host that takes the replica. */
    public record Plan(Prerequisites checks, Optional<Placed> target) {}

    /** Whether it may be protected, and where its replica would go. */
    public static Plan plan(Facts facts) {
        Prerequisites checks = new Prerequisites();
        checks.add("The virtual machine is not protected yet", facts.isProtected()
                ? Optional.of(ReadinessError.of(FailureCode.VM_ALREADY_PROTECTED, "virtual machine "
                        + facts.machine().name() + " (" + facts.machine().id() + ") is protected already"))
                : Optional.empty());
        checks.add("Its disks can be tracked", disks(facts.machine()));
        checks.add("Its host is connected", facts.hostConnected()
                ? Optional.empty()
                : Optional.of(ReadinessError.of(FailureCode.AGENT_UNREACHABLE,
                        "the agent on host " + facts.host() + " does not report")));
        checks.add("Its cloud is paired", pairing(facts.host(), facts.cloud(), facts.target().isPresent()));
        checks.warn(facts.machine().portability().warnings());
        facts.target().ifPresent(target -> checks.warn(Outlooks.unmapped(facts.machine().adapters(),
                NetworkMapper.attach(facts.machine().adapters(), target.mappings(), List.of()))));
        Optional<Placed> placed = Optional.empty();
        if (facts.target().isPresent()) {
            Placement placement = place(facts.machine(), facts.target().get());
            switch (placement) {
                case Placed suitable -> {
                    placed = Optional.of(suitable);
                    checks.met("A host can take the replica");
                }
                case PlacementPlanner.NoSuitableHost(String reason) ->
                        checks.failed("A host can take the replica", FailureCode.NO_SUITABLE_HOST, reason);
            }
        }
        return new Plan(checks, checks.areMet() ? placed : Optional.empty());
    }

    /** Why a VM cannot be protected whatever is asked for; what a list of VMs shows (F-02). */
    public static List<ReadinessError> readiness(
            VirtualMachine machine, String host, Optional<String> cloud, boolean paired) {
        List<ReadinessError> errors = new ArrayList<>();
        disks(machine).ifPresent(errors::add);
        pairing(host, cloud, paired).ifPresent(errors::add);
        return errors;
    }

    private static Placement place(VirtualMachine machine, Target target) {
        List<String> needed = NetworkMapper.needed(machine.adapters(), target.mappings());
        List<Candidate> candidates = target.wanted().isEmpty() ? target.candidates() : target.candidates().stream()
                .filter(candidate -> candidate.name().equals(target.wanted().get())).toList();
        if (candidates.isEmpty() && target.wanted().isPresent()) {
            return new PlacementPlanner.NoSuitableHost(
                    "host " + target.wanted().get() + " is not in the target cloud " + target.cloud());
        }
        return PlacementPlanner.place(target.cloud(), candidates, needed);
    }

    private static Optional<ReadinessError> disks(VirtualMachine machine) {
        if (machine.disks().isEmpty() && machine.portability().obstacles().isEmpty()) {
            return Optional.of(ReadinessError.of(FailureCode.VM_CANNOT_BE_PROTECTED,
                    "virtual machine " + machine.name() + " has no disk"));
        }
        List<String> obstacles = Stream.concat(
                machine.disks().stream().flatMap(disk -> disk.obstacle().stream()),
                machine.portability().obstacles().stream()).toList();
        return obstacles.isEmpty() ? Optional.empty() : Optional.of(ReadinessError.of(
                FailureCode.VM_CANNOT_BE_PROTECTED,
                "Virtual machine " + machine.name() + " cannot be protected. " + String.join(" ", obstacles)));
    }

    private static Optional<ReadinessError> pairing(String host, Optional<String> cloud, boolean paired) {
        if (cloud.isEmpty()) {
            return Optional.of(ReadinessError.of(FailureCode.NO_CLOUD_PAIR, "host " + host + " is in no cloud"));
        }
        return paired ? Optional.empty() : Optional.of(ReadinessError.of(FailureCode.NO_CLOUD_PAIR,
                "cloud " + cloud.get() + " of host " + host + " is in no cloud pair"));
    }
}
