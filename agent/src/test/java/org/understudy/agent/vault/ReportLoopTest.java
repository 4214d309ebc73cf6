package org.understudy.agent.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.agent.Pause;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandCodec;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostFact;
import org.understudy.model.ItemId;
import org.understudy.model.JobId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;
import org.understudy.model.loop.EndlessLoop;

/** When the vault is told, and what. */
@Timeout(30)
class ReportLoopTest {
    private static final String PICTURE = "told [Heartbeat]";
    private static final String END = "told [CommandEnded]";
    private static final String INTERVAL = "waited PT2S";

    private final List<String> trace = new ArrayList<>();
    private final TracedPace pace = new TracedPace(trace);
    private final Pause pause = new Pause(pace);
    private final ScriptedVault vault = new ScriptedVault(trace, pause);
    private Look look = look(Optional.empty(), List.of());
    private final ReportLoop reports = new ReportLoop(vault, () -> look, pace, pause);
    private final AgentReport.CommandEnded end = new AgentReport.CommandEnded(
            new CommandId(JobId.random() + "/fence"), new CommandOutcome.Done());

    private static Look look(Optional<AgentReport.Inventory> inventory, List<AgentReport.ItemProgress> progress) {
        return new Look("1", List.of(), List.of(), inventory, progress);
    }

    private static AgentReport.SourceProgress progress(ItemId item, long captured) {
        LogPosition at = new LogPosition(1, captured);
        return new AgentReport.SourceProgress(
                RelationshipId.first(item), at, at, ByteCount.ZERO, ByteCount.ZERO, ByteCount.ZERO,
                ByteCount.ZERO, ByteCount.ZERO, Optional.of(Instant.EPOCH), Optional.empty(), 0, Optional.empty());
    }

    private static AgentReport.Inventory inventory(String... names) {
        return new AgentReport.Inventory(List.of(names).stream().map(name -> new VirtualMachine(
                new VmId(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8))), name, PowerState.RUNNING,
                List.of(), List.of())).toList(), List.of());
    }

    private void runToTheEndOfTheScript() {
        new EndlessLoop("reports", reports, pause::isOver, pause::await).run();
    }

    @Test
    void tellsAPictureEveryTwoSeconds() {
        vault.answers().answers().answers();
        runToTheEndOfTheScript();
        assertThat(trace).startsWith(PICTURE, INTERVAL, PICTURE, INTERVAL, PICTURE);
    }

    @Test
    void tellsAtOnceAndAloneWhatIsAddedWhileItTells() {
        vault.answers().then(() -> {
            reports.add(end);
            return List.of();
        }).answers().answers();
        runToTheEndOfTheScript();
        assertThat(trace).startsWith(PICTURE, INTERVAL, PICTURE, END, PICTURE);
    }

    @Test
    void tellsAgainAfterAPauseWhatTheVaultDidNotTake() {
        reports.add(end);
        vault.isAway().isAway().answers().answers().answers();
        runToTheEndOfTheScript();
        assertThat(trace).startsWith(END, INTERVAL, END, INTERVAL, END, PICTURE, INTERVAL, PICTURE);
        assertThat(reports.isToTellTheEndOf(end.id())).isFalse();
    }

    @Test
    void pausesAfterAFailureAlsoWhenMoreIsAddedMeanwhile() {
        vault.then(() -> {
            reports.add(end);
            throw FailureException.of(FailureCode.VAULT_UNREACHABLE, "nobody listens");
        }).answers().answers();
        runToTheEndOfTheScript();
        assertThat(trace).startsWith(PICTURE, INTERVAL, END);
    }

    @Test
    void keepsOfTheHostWhatIsNewestAloneWhileTheVaultIsAway() {
        for (int i = 0; i < 600; i++) {
            reports.add(new AgentReport.HostFacts(List.of(HostFact.yes("room", i + " GiB are free."))));
        }
        vault.answers();
        runToTheEndOfTheScript();
        assertThat(trace.getFirst()).isEqualTo("told [HostFacts]");
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
        runToTheEndOfTheScript();
        assertThat(trace.getFirst()).startsWith(END.replace("]", ", Refused")).hasSize(
                "told [CommandEnded]".length() + 499 * ", Refused".length());
    }

    @Test
    void goesOnAfterAPictureThatCouldNotBeTaken() {
        vault.answers();
        List<RuntimeException> odd = new ArrayList<>(List.of(
                FailureException.of(FailureCode.HYPERVISOR_REFUSED, "libvirt refused to list the networks")));
        ReportLoop loop = new ReportLoop(vault, () -> {
            if (!odd.isEmpty()) {
                throw odd.removeFirst();
            }
            return look;
        }, pace, pause);
        new EndlessLoop("reports", loop, pause::isOver, pause::await).run();
        assertThat(trace).startsWith(INTERVAL, PICTURE);
    }

    @Test
    void tellsTheInventoryOnceAndAgainWhenItIsAnotherOrWanted() {
        look = look(Optional.of(inventory("web01")), List.of());
        vault.answers().answers().then(() -> {
            vault.wantsInventory(true);
            return List.of();
        }).then(() -> {
            vault.wantsInventory(false);
            look = look(Optional.of(inventory("web01", "web02")), List.of());
            return List.of();
        }).answers().answers();
        runToTheEndOfTheScript();
        String whole = "told [Heartbeat, Inventory]";
        assertThat(trace).filteredOn(line -> line.startsWith("told")).containsExactly(
                whole, PICTURE, PICTURE, whole, whole, PICTURE);
        AgentReport.Heartbeat second = (AgentReport.Heartbeat) vault.told().get(2);
        assertThat(second.inventory()).contains(inventory("web01").digest());
    }

    @Test
    void tellsProgressWhenThereWasSomeAndAllOfItNowAndThen() {
        ItemId busy = ItemId.random();
        ItemId idle = ItemId.random();
        for (int i = 0; i < ReportLoop.ALL_EVERY; i++) {
            int captured = i + 1;
            vault.then(() -> {
                look = look(Optional.empty(), List.of(progress(busy, captured), progress(idle, 7)));
                return List.of();
            });
        }
        look = look(Optional.empty(), List.of(progress(busy, 0), progress(idle, 7)));
        runToTheEndOfTheScript();
        String one = "told [Heartbeat, SourceProgress]";
        String both = "told [Heartbeat, SourceProgress, SourceProgress]";
        List<String> expected = new ArrayList<>(Collections.nCopies(ReportLoop.ALL_EVERY, one));
        expected.set(0, both);
        expected.set(ReportLoop.ALL_EVERY - 1, both);
        assertThat(trace).filteredOn(line -> line.startsWith("told")).containsExactlyElementsOf(expected);
    }

    @Test
    void sharesManyItemsOutOverRequestsThatTheVaultTakes() {
        List<AgentReport.ItemProgress> many = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            many.add(progress(ItemId.random(), i));
        }
        look = look(Optional.empty(), many);
        List<AgentReport> all = new ArrayList<>();
        ReportLoop loop = new ReportLoop(new VaultEnd() {
            @Override
            public List<AgentEndpoint.IssuedCommand> commands(Duration wait) {
                return List.of();
            }

            @Override
            public AgentEndpoint.Taken report(List<AgentReport> part) {
                assertThat(CommandCodec.size(new AgentEndpoint.Reports(part)))
                        .isLessThan(AgentEndpoint.REPORTS_BYTES_USUAL + 10_000);
                all.addAll(part);
                if (all.size() == 5001) {
                    pause.end();
                }
                return new AgentEndpoint.Taken(false);
            }
        }, () -> look, pace, pause);
        new EndlessLoop("reports", loop, pause::isOver, pause::await).run();
        assertThat(all).hasSize(5001);
    }

    @Test
    void leavesOutTheOneReportThatTheVaultRefusesAndTellsTheOthers() {
        List<AgentReport.ItemProgress> items = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            items.add(progress(ItemId.random(), i));
        }
        look = look(Optional.empty(), items);
        List<AgentReport> all = new ArrayList<>();
        ReportLoop loop = new ReportLoop(new VaultEnd() {
            @Override
            public List<AgentEndpoint.IssuedCommand> commands(Duration wait) {
                return List.of();
            }

            @Override
            public AgentEndpoint.Taken report(List<AgentReport> part) {
                if (part.contains(items.get(3))) {
                    throw FailureException.of(FailureCode.REQUEST_TOO_LARGE, "too much");
                }
                all.addAll(part);
                if (all.size() == 8) {
                    pause.end();
                }
                return new AgentEndpoint.Taken(false);
            }
        }, () -> look, pace, pause);
        new EndlessLoop("reports", loop, pause::isOver, pause::await).run();
        assertThat(all).as("seven, and the next heartbeat").hasSize(8).doesNotContain(items.get(3));
    }
}
