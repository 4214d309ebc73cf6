package org.understudy.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.understudy.agent.source.SourceReplications;
import org.understudy.agent.target.Replicas;
import org.understudy.agent.vault.Answers;
import org.understudy.agent.vault.Look;
import org.understudy.agent.vault.RunningCommands;
import org.understudy.command.AgentReport;
import org.understudy.model.Failure;
import org.understudy.model.loop.Loops;

/** How everything on this host stands now; never waits for a hypervisor or a lock that is held while data moves. */
final class Picture implements Supplier<Look> {
    private final InventoryWatch host;
    private final SourceReplications sources;
    private final Replicas replicas;
    private final RunningCommands running;
    private final Answers answers;
    private final Loops loops;

    Picture(InventoryWatch host, SourceReplications sources, Replicas replicas, RunningCommands running,
            Answers answers, Loops loops) {
        this.host = host;
        this.sources = sources;
        this.replicas = replicas;
        this.running = running;
        this.answers = answers;
        this.loops = loops;
    }

    @Override
    public Look get() {
        List<Failure> troubles = new ArrayList<>(loops.troubles());
        troubles.addAll(host.troubles());
        answers.trouble().ifPresent(troubles::add);
        List<AgentReport.ItemProgress> progress = new ArrayList<>();
        progress.addAll(sources.reports(troubles::add));
        progress.addAll(replicas.reports(troubles::add));
        return new Look(Agent.version(), running.list(), troubles, host.inventory(), progress);
    }
}
