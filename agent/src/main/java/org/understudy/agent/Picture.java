package org.understudy.agent;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.understudy.agent.local.AttachmentStore;
import org.understudy.agent.role.RoleNote;
import org.understudy.agent.role.RoleStore;
import org.understudy.agent.source.SourceReplications;
import org.understudy.agent.target.HandOvers;
import org.understudy.agent.target.Replicas;
import org.understudy.agent.vault.Answers;
import org.understudy.agent.vault.Look;
import org.understudy.agent.vault.RunningCommands;
import org.understudy.command.AgentReport;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.loop.Loops;

/** How everything on this host stands now; never waits for a hypervisor or a lock that is held while data moves. */
record Picture(
        InventoryWatch host, SourceReplications sources, Replicas replicas, HandOvers handOvers,
        RunningCommands running, Answers answers, RoleStore roles, AttachmentStore attachments, Loops loops)
        implements Supplier<Look> {
    @Override
    public Look get() {
        List<Failure> troubles = new ArrayList<>(loops.troubles());
        troubles.addAll(host.troubles());
        answers.trouble().ifPresent(troubles::add);
        List<AgentReport.ItemProgress> progress = new ArrayList<>();
        progress.addAll(sources.reports(troubles::add));
        replicas.reports(troubles::add).forEach(replica ->
                progress.add(replica.handingOver(handOvers.progress(replica.relationship()))));
        Optional<AgentReport.Roles> held = rolesHeld(troubles);
        return new Look(Agent.version(), running.list(), troubles, host.inventory(), progress, held);
    }

    private Optional<AgentReport.Roles> rolesHeld(List<Failure> troubles) {
        try {
            return Optional.of(new AgentReport.Roles(
                    roles.all(troubles::add).stream().map(RoleNote::held).toList(), attachments.digest()));
        } catch (IOException e) {
            troubles.add(FailureException.of(FailureCode.SOURCE_IO_FAILED, "The roles of this host's VMs cannot be "
                    + "read: " + FailureTeller.reason(e) + ".").failure());
            return Optional.empty();
        }
    }
}
