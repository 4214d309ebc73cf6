package org.understudy.agent.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.agent.Pause;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.JobId;

/** When the vault is told, and what. */
@Timeout(30)
class ReportLoopTest {
    private static final String PICTURE = "told [Heartbeat]";
    private static final String WITH_END = "told [Heartbeat, CommandEnded]";
    private static final String INTERVAL = "waited PT2S";

    private final List<String> trace = new ArrayList<>();
    private final TracedPace pace = new TracedPace(trace);
    private final Pause pause = new Pause(pace);
    private final ScriptedVault vault = new ScriptedVault(trace, pause);
    private final ReportLoop reports = new ReportLoop(
            vault, () -> List.of(new AgentReport.Heartbeat("1")), pace, pause);
    private final AgentReport.CommandEnded end = new AgentReport.CommandEnded(
            new CommandId(JobId.random() + "/fence"), new CommandOutcome.Done());

    @Test
    void tellsAPictureEveryTwoSeconds() {
        vault.answers().answers().answers();
        reports.run();
        assertThat(trace).startsWith(PICTURE, INTERVAL, PICTURE, INTERVAL, PICTURE);
    }

    @Test
    void tellsAtOnceWhatIsAddedWhileItTells() {
        vault.answers().then(() -> {
            reports.add(end);
            return List.of();
        }).answers().answers();
        reports.run();
        assertThat(trace).startsWith(PICTURE, INTERVAL, PICTURE, WITH_END, INTERVAL, PICTURE);
    }

    @Test
    void tellsAgainAfterAPauseWhatTheVaultDidNotTake() {
        reports.add(end);
        vault.isAway().isAway().answers().answers();
        reports.run();
        assertThat(trace).startsWith(
                WITH_END, INTERVAL, WITH_END, INTERVAL, WITH_END, INTERVAL, PICTURE);
        assertThat(reports.isToTellTheEndOf(end.id())).isFalse();
    }

    @Test
    void pausesAfterAFailureAlsoWhenMoreIsAddedMeanwhile() {
        vault.then(() -> {
            reports.add(end);
            throw FailureException.of(FailureCode.VAULT_UNREACHABLE, "nobody listens");
        }).answers();
        reports.run();
        assertThat(trace).startsWith(PICTURE, INTERVAL, WITH_END);
    }

    @Test
    void dropsTheOldestRefusalsOfManyAndNoEndOfACommand() {
        reports.add(end);
        for (int i = 0; i < 600; i++) {
            reports.add(new AgentReport.Refused(
                    "host " + i, FailureException.of(FailureCode.PEER_NOT_TRUSTED, "no").failure()));
        }
        assertThat(reports.isToTellTheEndOf(end.id())).isTrue();
        vault.answers().answers();
        reports.run();
        assertThat(trace.getFirst()).startsWith(WITH_END.replace("]", ", Refused")).hasSize(
                "told [Heartbeat, CommandEnded]".length() + 499 * ", Refused".length());
        assertThat(trace).as("all of it at once").element(1).isEqualTo(INTERVAL);
    }
}
