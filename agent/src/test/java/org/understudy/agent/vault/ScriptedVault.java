package org.understudy.agent.vault;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import org.understudy.agent.Pause;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentEndpoint.IssuedCommand;
import org.understudy.command.AgentReport;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * A vault that answers each call as its script says, writes the call to a trace first, and ends the agent when the
 * script is at its end. For one loop at a time, on the thread of the test.
 */
final class ScriptedVault implements VaultEnd {
    private final List<String> trace;
    private final Pause pause;
    private final List<AgentReport> told = new ArrayList<>();
    private boolean wantsInventory;
    private final Deque<Callable<List<IssuedCommand>>> script = new ArrayDeque<>();

    ScriptedVault(List<String> trace, Pause pause) {
        this.trace = trace;
        this.pause = pause;
    }

    /** Next it hands these out, or takes what it is told. */
    ScriptedVault answers(IssuedCommand... commands) {
        return then(() -> List.of(commands));
    }

    /** Next it is out of reach. */
    ScriptedVault isAway() {
        return then(() -> {
            throw FailureException.of(FailureCode.VAULT_UNREACHABLE, "nobody listens");
        });
    }

    ScriptedVault then(Callable<List<IssuedCommand>> answer) {
        script.add(answer);
        return this;
    }

    @Override
    public List<IssuedCommand> commands(Duration wait) {
        trace.add("asked " + wait);
        return next();
    }

    @Override
    public AgentEndpoint.Taken report(List<AgentReport> reports) {
        trace.add("told " + reports.stream().map(report -> report.getClass().getSimpleName()).toList());
        next();
        told.addAll(reports);
        return new AgentEndpoint.Taken(wantsInventory);
    }

    /** What it took, in order. */
    List<AgentReport> told() {
        return told;
    }

    /** From now on it says that it wants the inventory, or that it does not. */
    void wantsInventory(boolean wants) {
        wantsInventory = wants;
    }

    private List<IssuedCommand> next() {
        try {
            List<IssuedCommand> answer = script.remove().call();
            if (script.isEmpty()) {
                pause.end();
            }
            return answer;
        } catch (FailureException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
