package org.understudy.vault.main;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentEndpoint.IssuedCommand;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.command.HeldFolder;
import org.understudy.command.PointChoice;
import org.understudy.command.PointsHeld;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.Portability;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualNetwork;

/**
 * An agent that answers as the test says: over the real endpoint, on a thread of its own, without a hypervisor. By
 * itself it does whatever it is asked; a refusal is scripted for a kind of command.
 */
public final class ScriptedAgent implements AutoCloseable {
    private static final ByteCount SIZE = ByteCount.ofGibibytes(1);

    private final TestAgent wire;
    private final Map<ItemId, List<RecoveryPoint>> held = new ConcurrentHashMap<>();
    private final Clock clock;
    private final HostId host;
    private final List<AgentCommand> asked = new CopyOnWriteArrayList<>();
    private final List<AgentCommand> questions = new CopyOnWriteArrayList<>();
    private final List<HeldFolder> folders = new CopyOnWriteArrayList<>();
    private final Map<Class<?>, FailureCode> refusals = new ConcurrentHashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile CommandId lastCommand;
    private final List<String> targetObstacles = new CopyOnWriteArrayList<>();
    private final List<AgentCommand.CheckMachine> looks = new CopyOnWriteArrayList<>();
    private volatile String definition = "<domain/>";
    private volatile boolean firstRelease;
    private volatile boolean silent;
    private volatile boolean closed;
    private final Set<Class<?>> unanswered = ConcurrentHashMap.newKeySet();
    private Thread loop;

    private ScriptedAgent(TestAgent wire, HostId host, Clock clock) {
        this.wire = wire;
        this.host = host;
        this.clock = clock;
        this.loop = Thread.ofVirtual().name("agent").start(this::run);
    }

    /** Registers a host and begins to answer. */
    public static ScriptedAgent join(Vault vault, String secret, String name, Clock clock) {
        try {
            TestAgent wire = new TestAgent(vault.url(), Files.readString(vault.authorityFile()));
            wire.tellsItsStart();
            return new ScriptedAgent(wire, wire.register(secret, name).host(), clock);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public HostId host() {
        return host;
    }

    /** What it was asked so far. */
    public List<AgentCommand> asked() {
        return asked;
    }

    /** Which questions it was asked so far. */
    public List<AgentCommand> questions() {
        return questions;
    }

    /** Waits until it was handed such a command and has asked for more since: then the vault knows that it took it. */
    public void hasTaken(Class<? extends AgentCommand> kind) {
        Awaiting.until(() -> asked.stream().filter(kind::isInstance).count(), times -> times > 2);
    }

    /** The id of what it was asked last. */
    public CommandId lastCommand() {
        return lastCommand;
    }

    /** Whether it was asked for that. */
    public boolean wasAsked(Class<? extends AgentCommand> kind) {
        return asked.stream().anyMatch(kind::isInstance);
    }

    /** From now on such a command fails. */
    public void refuse(Class<? extends AgentCommand> kind, FailureCode code) {
        refusals.put(kind, code);
    }

    /** What lies where it keeps replicas. */
    public void keeps(HeldFolder... kept) {
        folders.addAll(List.of(kept));
    }

    /** From now on no VM can be started on its host. */
    public void cannotRun(String obstacle) {
        targetObstacles.add(obstacle);
    }

    /** From now on it is of the first release: it neither tells its start nor reads any list with a newer command. */
    public void isOfTheFirstRelease() {
        wire.isOfTheFirstRelease();
        firstRelease = true;
    }

    /** From now on its hypervisor defines every VM so. */
    public void defines(String words) {
        definition = words;
    }

    /** The looks at VMs that it was asked for. */
    public List<AgentCommand.CheckMachine> looks() {
        return looks;
    }

    public void obey() {
        targetObstacles.clear();
        refusals.clear();
        unanswered.clear();
    }

    /** From now on it takes such a command and does not come to an end with it. */
    public void takeWithoutAnswer(Class<? extends AgentCommand> kind) {
        unanswered.add(kind);
    }

    /** Waits until it was handed such a question. */
    public void wasQuestioned(Class<? extends AgentCommand.Question> kind) {
        Awaiting.until(() -> questions.stream().anyMatch(kind::isInstance), is -> is);
    }

    /** From now on such a command comes to its end again. */
    public void answer(Class<? extends AgentCommand> kind) {
        unanswered.remove(kind);
    }

    /** The vault was restarted, at another port, or the agent was away: it asks and answers again. */
    public void comeBack(Vault vault) {
        wire.moveTo(vault.url());
        silent = false;
        asked.clear();
        loop.interrupt();
        loop = Thread.ofVirtual().name("agent").start(this::run);
    }

    /** From now on it neither asks nor answers, as if its site were gone. */
    public void fallSilent() {
        silent = true;
    }

    public void report(AgentReport... reports) {
        try {
            wire.report(reports);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Reports, and hears what the vault says to it. */
    public AgentEndpoint.Taken tells(AgentReport report) {
        try {
            return wire.tells(report);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public void has(List<VirtualMachine> machines, VirtualNetwork... networks) {
        report(new AgentReport.Inventory(machines, List.of(networks)));
    }

    /** Tells how an item stands at its source, {@code percent} of its disks passed, after so many cycles. */
    public void replicates(ItemId item, int percent, long cycles) {
        report(source(item, percent, cycles, Optional.empty()));
    }

    /** Tells that replication does not go on. */
    public void isInTrouble(ItemId item, FailureCode code) {
        report(source(item, 100, 3, Optional.of(failure(code))));
    }

    /** Tells that the disks are covered anew, whatever else holds replication up. */
    public void coversAnew(ItemId item, Optional<FailureCode> trouble) {
        AgentReport.SourceProgress told = source(item, 40, 5, trouble.map(code -> failure(code)));
        report(new AgentReport.SourceProgress(told.relationship(), told.captured(), told.acknowledged(),
                told.covered(),
                told.total(), told.waiting(), told.sent(), told.changed(), told.lastAcknowledgedInstant(),
                told.trouble(), told.attempt(), told.nextAttempt(),
                Optional.of(failure(FailureCode.RESYNCHRONIZATION_REQUIRED)), new ByteCount(5), new ByteCount(4)));
    }

    /** Tells that an item has that many recovery points at its target. */
    public void holds(ItemId item, int points) {
        List<RecoveryPoint> newestFirst = LongStream.rangeClosed(1, points).boxed().sorted(
                (a, b) -> Long.compare(b, a)).map(n -> point(n + 2)).toList();
        LogPosition last = new LogPosition(1, points + 2L);
        held.put(item, newestFirst);
        PointsHeld summary = newestFirst.isEmpty() ? PointsHeld.NONE : new PointsHeld(newestFirst.size(),
                Optional.of(newestFirst.getFirst()), Optional.of(newestFirst.getLast()), Optional.empty());
        report(new AgentReport.TargetProgress(
                RelationshipId.first(item), last, last, ByteCount.ZERO, summary, Optional.empty()));
    }

    /** Tells the same, and that one of them is kept until somebody lets it go. */
    public void keeps(ItemId item, int points, Optional<RecoveryPoint> kept) {
        holds(item, points);
        List<RecoveryPoint> all = held.get(item);
        report(new AgentReport.TargetProgress(RelationshipId.first(item), all.getFirst().position(),
                all.getFirst().position(), ByteCount.ZERO, new PointsHeld(all.size(), Optional.of(all.getFirst()),
                        Optional.of(all.getLast()), Optional.empty(), kept.stream().toList()), Optional.empty()));
    }

    /** Tells the points of a later direction, oldest last, of which some are kept. */
    public void holds(RelationshipId relationship, List<RecoveryPoint> newestFirst, List<RecoveryPoint> kept) {
        held.put(relationship.item(), newestFirst);
        LogPosition last = newestFirst.getFirst().position();
        report(new AgentReport.TargetProgress(relationship, last, last, ByteCount.ZERO, new PointsHeld(
                newestFirst.size(), Optional.of(newestFirst.getFirst()), Optional.of(newestFirst.getLast()),
                Optional.empty(), kept), Optional.empty()));
    }

    public RecoveryPoint point(long sequence) {
        return new RecoveryPoint(new LogPosition(1, sequence),
                Instant.parse("2026-11-21T12:00:00Z").plusSeconds(sequence), Consistency.CRASH);
    }

    @Override
    public void close() {
        closed = true;
        ended.countDown();
        loop.interrupt();
    }

    private AgentReport.SourceProgress source(ItemId item, int percent, long cycles, Optional<Failure> trouble) {
        LogPosition position = new LogPosition(1, cycles);
        return new AgentReport.SourceProgress(RelationshipId.first(item), position, position,
                new ByteCount(SIZE.bytes() / 100 * percent),
                new ByteCount(SIZE.bytes() / 100 * 100), ByteCount.ZERO, ByteCount.ofMebibytes(10),
                ByteCount.ofMebibytes(20), Optional.of(clock.instant()), trouble, trouble.isPresent() ? 1 : 0,
                Optional.empty());
    }

    private void run() {
        while (!closed) {
            try {
                if (silent) {
                    ended.await();
                    return;
                }
                List<IssuedCommand> waiting = wire.commands(1);
                if (!waiting.isEmpty() && waiting.stream().allMatch(this::isUnanswered)) {
                    ended.await(100, TimeUnit.MILLISECONDS); // It is handed out again at once, until it has ended.
                }
                if (firstRelease && waiting.stream().anyMatch(ScriptedAgent::isNew)) {
                    continue;
                }
                for (IssuedCommand issued : waiting) {
                    if (silent) {
                        break; // What it was asked for while it fell silent stays undone.
                    }
                    if (!(issued.command() instanceof AgentCommand.Question)) {
                        lastCommand = issued.id();
                        asked.add(issued.command());
                    } else {
                        questions.add(issued.command());
                    }
                    if (isUnanswered(issued)) {
                        continue;
                    }
                    wire.report(new AgentReport.CommandEnded(issued.id(), outcome(issued.command())));
                }
            } catch (IOException e) {
                // The vault is restarted: it comes back at another port, and a new agent with it.
                return;
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static boolean isNew(IssuedCommand issued) {
        return issued.command() instanceof AgentCommand.Question
                || issued.command() instanceof AgentCommand.PauseReplication
                || issued.command() instanceof AgentCommand.ReleaseReplica
                || issued.command() instanceof AgentCommand.DiscardFailover
                || issued.command() instanceof AgentCommand.LetPointGo
                || issued.command() instanceof AgentCommand.FinishReplication
                || issued.command() instanceof AgentCommand.StartMachine;
    }

    private boolean isUnanswered(IssuedCommand issued) {
        return unanswered.contains(issued.command().getClass());
    }

    private CommandOutcome outcome(AgentCommand command) {
        FailureCode refusal = refusals.get(command.getClass());
        if (refusal != null) {
            return new CommandOutcome.Failed(failure(refusal));
        }
        return switch (command) {
            case AgentCommand.StartTestFailover test -> started(test.testName(), test.point());
            case AgentCommand.FinishReplication _ -> new CommandOutcome.Finished(new LogPosition(1, 7));
            case AgentCommand.FailOver failover -> started("web01", failover.point());
            case AgentCommand.RefreshInventory _, AgentCommand.PrepareReplica _, AgentCommand.StartReplication _,
                    AgentCommand.ResumeReplication _, AgentCommand.PauseReplication _,
                    AgentCommand.StopReplication _, AgentCommand.RemoveReplica _,
                    AgentCommand.CleanUpTestFailover _, AgentCommand.ShutDownMachine _, AgentCommand.FenceReplica _,
                    AgentCommand.ReleaseReplica _, AgentCommand.StartMachine _, AgentCommand.DiscardFailover _,
                    AgentCommand.CommitFailover _, AgentCommand.LetPointGo _ ->
                    new CommandOutcome.Done();
            case AgentCommand.CheckMachine look -> {
                looks.add(look);
                yield new CommandOutcome.MachineChecked(new Portability(List.copyOf(targetObstacles), List.of()));
            }
            case AgentCommand.DescribeMachine _ -> new CommandOutcome.MachineDescribed(definition);
            case AgentCommand.ListPoints points -> new CommandOutcome.Points(
                    held.getOrDefault(points.relationship().item(), List.of()).stream()
                            .filter(point -> points.from().filter(from -> point.position().isAfter(from)).isEmpty())
                            .limit(points.limit()).toList());
            case AgentCommand.ListHoldings _ -> new CommandOutcome.Holdings(folders, Instant.EPOCH);
            case AgentCommand.Unknown _ -> new CommandOutcome.Failed(failure(FailureCode.PROTOCOL_VIOLATED));
        };
    }

    private CommandOutcome started(String name, PointChoice choice) {
        long sequence = choice instanceof PointChoice.Custom custom ? custom.position().sequence() : 4;
        return new CommandOutcome.MachineStarted(name, point(sequence), clock.instant());
    }

    private Failure failure(FailureCode code) {
        return new Failure(code, "the script says so", code.recommendedAction(), clock.instant());
    }
}
