package org.understudy.vault.health;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.understudy.command.HeldRole;
import org.understudy.command.HeldRole.Deed;
import org.understudy.command.MachineRole;
import org.understudy.model.HostId;
import org.understudy.vault.item.HeldRoleStore.AtHost;

/** What the roles that hosts tell of a VM say about its health: two copies that may run are critical. Pure. */
public final class RoleRules {
    /** The states in which the VM runs at its source, whatever a failover that is under way has begun. */
    private static final Set<String> REPLICATES =
            Set.of("InitialReplication", "Protected", "ResynchronizationRequired");

    private RoleRules() {}

    /**
     * Where the vault believes that the VM runs.
     *
     * @param failedOver whether that is the target
     */
    public record Belief(String vm, String state, HostId source, HostId target, boolean failedOver) {}

    /** What is critical, each a sentence with what to do. */
    public static List<String> critical(Belief belief, List<AtHost> roles) {
        List<String> reasons = new ArrayList<>();
        for (AtHost at : roles) {
            Optional<Deed> deed = at.held().deed();
            if (at.held().role() == MachineRole.RELEASED && belief.failedOver() && at.host().equals(belief.source())) {
                reasons.add(("Virtual machine '%s' may start on host %s too, from where it was failed over: it was "
                        + "released there by %s (%s). Keep one of the two: what the other writes is lost.").formatted(
                                belief.vm(), at.hostName(), deed.map(Deed::by).orElse("somebody"),
                                deed.map(Deed::reason).orElse("no reason is known")));
            }
            boolean agrees = belief.failedOver() && at.host().equals(belief.target());
            if (at.held().role() == MachineRole.RUNNING_REPLICA && !agrees) {
                deed.ifPresentOrElse(done -> reasons.add(elsewhere(belief, at.hostName(), done)), () -> {
                    if (REPLICATES.contains(belief.state())) {
                        reasons.add(unknown(belief, at.hostName()));
                    }
                });
            }
        }
        return reasons;
    }

    /** As after a restore of the vault from a backup of before the failover. */
    private static String unknown(Belief belief, String host) {
        return ("Virtual machine '%s' was failed over on host %s, and this vault, which has it as %s, knows nothing of "
                + "it: two copies may run. See on both hosts which one is wanted and shut the other down.").formatted(
                        belief.vm(), host, belief.state());
    }

    private static String elsewhere(Belief belief, String host, Deed deed) {
        return ("Virtual machine '%s' was failed over on host %s by %s (%s) without this vault, which has it as %s: "
                + "two copies may run. See on both hosts which one is wanted and shut the other down.").formatted(
                        belief.vm(), host, deed.by(), deed.reason(), belief.state());
    }

    /** What somebody should know of. */
    public static List<String> warnings(Belief belief, List<AtHost> roles) {
        return roles.stream().filter(at -> !belief.failedOver() && at.host().equals(belief.source())
                        && at.held().role() == MachineRole.LEFT_BEHIND)
                .map(at -> held(belief.vm(), at.hostName(), at.held())).toList();
    }

    private static String held(String vm, String host, HeldRole held) {
        return ("Virtual machine '%s' does not start on host %s since %s, when it was shut down there for a failover. "
                + "Fail over or, to keep it there: understudy agent release %s --reason TEXT (on %s)")
                .formatted(vm, host, held.since(), vm, host);
    }
}
