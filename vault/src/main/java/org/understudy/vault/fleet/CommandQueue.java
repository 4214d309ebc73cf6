package org.understudy.vault.fleet;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentEndpoint.IssuedCommand;
import org.understudy.command.AgentReport.RunningCommand;
import org.understudy.command.CommandCodec;
import org.understudy.command.CommandId;
import org.understudy.command.CommandOutcome;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.JobId;
import org.understudy.model.RelationshipId;
import org.understudy.model.VmId;
import org.understudy.workflow.Jobs;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.JsonColumn;
import org.understudy.workflow.sql.Row;

/**
 * The table {@code command}: what agents are asked, until they said how it ended. A command belongs to the job in its
 * id and is handed out, in the order of issue, while that job is active; its end wakes the job. Safe for many threads.
 */
public final class CommandQueue implements AutoCloseable {
    private static final int UUID_LENGTH = 36;
    /** An agent that carries something out says so every two seconds. */
    private static final Duration LIVES = Duration.ofSeconds(5);

    private final Database database;
    private final Jobs jobs;
    private final Clock clock;
    private final HostWatch watch;
    private final HostSignals signals = new HostSignals();
    /** The last sign of life of each command that has not ended; of this process, by {@link HostWatch#now}. */
    private final Map<CommandId, Life> lastSigns = new ConcurrentHashMap<>();
    /** What was handed out in this process; whether it was received is known when its agent speaks again. */
    private final Set<CommandId> handedOut = ConcurrentHashMap.newKeySet();
    /** What agents have told that they carry out, so that it is written down once. */
    private final Set<CommandId> taken = ConcurrentHashMap.newKeySet();
    private final SignsOfLife signs = new SignsOfLife(System::nanoTime);
    private final AgentStarts starts = new AgentStarts(System::nanoTime);
    private final Questions questions = new Questions();

    /** Of a command: the host that was asked, and when it was heard of last. */
    private record Life(HostId host, Duration at) {}

    public CommandQueue(Database database, Jobs jobs, HostWatch watch, Clock clock) {
        this.database = database;
        this.jobs = jobs;
        this.watch = watch;
        this.clock = clock;
    }

    /** Asks a host's agent; issued twice under one id it is asked once, as it was the first time. */
    public void issue(HostId host, CommandId id, AgentCommand command) {
        int issued = database.update(
                """
                insert into command (id, job, host, command, state, issued_at) values (?, ?, ?, ?, 'ISSUED', ?)
                on conflict (id) do nothing
                """,
                id.value(), job(id).value(), host.value(), JsonColumn.of(CommandCodec.mapper().valueToTree(command)),
                clock.instant());
        lastSigns.putIfAbsent(id, new Life(host, watch.now()));
        if (issued > 0) {
            database.afterCommit(() -> signals.raise(host));
        }
    }

    /** Whether its agent is known to have taken it: from then on it may run, until it has ended. */
    public boolean wasTaken(CommandId id) {
        return database.first("select 1 from command where id = ? and taken_at is not null", row -> true, id.value())
                .isPresent();
    }

    /**
     * Whether a host may be starting a VM just now, or has done so since it told how the VM is: it was handed the
     * order, or will be. An order outlives the job that gave it, once the agent has it.
     *
     * @param told when the host told of the VM last
     */
    boolean mayBeStarting(HostId host, VmId vm, Instant told) {
        return database.query(
                """
                select c.id, c.state = 'ENDED' or c.taken_at is not null or j.ended_at is null as lives
                from command c join job j on j.id = c.job
                where c.host = ? and c.command ->> 'command' = 'start-machine' and c.command ->> 'vm' = ?
                    and (c.state = 'ISSUED' or (c.ended_at > ? and c.outcome ->> 'outcome' <> 'failed'))
                """,
                row -> row.flag("lives") || handedOut.contains(new CommandId(row.text("id"))),
                host.value(), vm.toString(), told).contains(true);
    }

    /** For how long it has shown no sign of life while the vault listened. */
    Duration quiet(CommandId id) {
        Life last = lastSigns.get(id);
        return watch.quietSince(last == null ? null : last.at());
    }

    /** An agent tells that it carries these out; what another host was asked is not its to speak of. */
    void areAlive(HostId host, List<RunningCommand> running) {
        List<CommandId> own = running.stream().map(RunningCommand::id)
                .filter(id -> Optional.ofNullable(lastSigns.get(id)).map(Life::host).equals(Optional.of(host)))
                .toList();
        // One whose hypervisor does not answer is listed by an agent that lives, and goes on no more for that.
        Set<CommandId> hanging = running.stream().filter(SignsOfLife::hangs).map(RunningCommand::id)
                .collect(Collectors.toSet());
        own.stream().filter(id -> !hanging.contains(id)).forEach(id ->
                lastSigns.computeIfPresent(id, (same, before) -> new Life(host, watch.now())));
        List<CommandId> fresh = own.stream().filter(id -> !taken.contains(id)).toList();
        take(host, fresh);
        // What is undone with the request was not written: it is when the agent says so again.
        database.afterCommit(() -> taken.addAll(fresh));
    }

    /** How it ended; empty as long as it has not, or was never issued. */
    public Optional<CommandOutcome> outcome(CommandId id) {
        Optional<CommandOutcome> outcome = database.first(
                "select outcome from command where id = ? and state = 'ENDED'",
                row -> row.json("outcome", CommandOutcome.class), id.value());
        outcome.ifPresent(ended -> lastSigns.remove(id));
        return outcome;
    }

    /** What agents said of the commands that they carry out. */
    public SignsOfLife signs() {
        return signs;
    }

    /** Which start of its agent each host answers with. */
    AgentStarts starts() {
        return starts;
    }

    /**
     * Asks a host's agent a question and waits for the answer, which is nobody's but the caller's.
     *
     * @throws org.understudy.model.FailureException AGENT_UNREACHABLE when there is none in time, or what the agent
     *     answered instead
     */
    public CommandOutcome ask(HostId host, String name, AgentCommand.Question question, Duration patience) {
        database.requireNoTransaction("ask the agent on host " + name);
        if (isBeyond(host, question)) {
            throw notUnderstood(name);
        }
        Questions.Asked asked = questions.add(host, name, question);
        signals.raise(host);
        return questions.await(asked, patience);
    }

    /**
     * What the host's agent has still to do, questions first, then oldest first, 100 at most. What it has just said
     * that it carries out is left out: it holds up neither what comes after it nor the wait for that.
     * What is handed out a second time was taken the first time.
     */
    List<IssuedCommand> waiting(HostId host) {
        List<IssuedCommand> commands = database.query(
                """
                select c.id, c.command from command c join job j on j.id = c.job
                where c.host = ? and c.state = 'ISSUED' and j.ended_at is null and not c.id = any(?)
                order by c.number limit 100
                """,
                CommandQueue::issued, host.value(), signs.running(host, LIVES));
        take(host, commands.stream().map(IssuedCommand::id).filter(id -> !handedOut.add(id)).toList());
        List<IssuedCommand> waiting = new ArrayList<>(questions.waiting(host));
        waiting.addAll(commands);
        waiting.removeIf(issued -> isBeyond(host, issued.command()));
        return waiting;
    }

    /**
     * Whether the host's agent is of the first release and the command of a later one. Such an agent cannot read a list
     * in which one stands, and would carry out none of the others either, a failover's among them.
     */
    boolean isBeyond(HostId host, AgentCommand command) {
        return starts.isOfTheFirstRelease(host) && switch (command) {
            case AgentCommand.Question _, AgentCommand.PauseReplication _, AgentCommand.ReleaseReplica _,
                    AgentCommand.FinishReplication _, AgentCommand.StartMachine _, AgentCommand.DiscardFailover _,
                    AgentCommand.LetPointGo _, AgentCommand.Unknown _ -> true;
            // It knows no directions, and would take the word for one of the first.
            case AgentCommand.ItemCommand it -> it.relationship().generation() > RelationshipId.FIRST;
            case AgentCommand.RefreshInventory _, AgentCommand.ShutDownMachine _ -> false;
        };
    }

    /** What such a command comes to. */
    static FailureException notUnderstood(String host) {
        return FailureException.of(FailureCode.PROTOCOL_VIOLATED,
                "The agent on host " + host + " is of the first release, which does not understand that.",
                "Update the agent on host " + host + " to the release of the vault.");
    }

    private void take(HostId host, List<CommandId> received) {
        if (!received.isEmpty()) {
            database.query("update command set taken_at = ? where id = any (?) and taken_at is null returning id",
                            row -> new CommandId(row.text("id")), clock.instant(),
                            received.stream().map(CommandId::value).toList())
                    .forEach(id -> lastSigns.put(id, new Life(host, watch.now())));
        }
    }

    /** The same, but waits for a command if there is none. */
    List<IssuedCommand> await(HostId host, Duration wait) throws InterruptedException {
        long seen = signals.count(host);
        List<IssuedCommand> waiting = waiting(host);
        if (waiting.isEmpty() && signals.await(host, seen, wait)) {
            return waiting(host);
        }
        return waiting;
    }

    /**
     * Takes the end of a command from the host that was asked, once: the first report counts, others change nothing.
     * The end and the waking of the job are durable together.
     */
    void end(HostId host, CommandId id, CommandOutcome outcome) {
        if (questions.end(host, id, outcome)) {
            return;
        }
        database.transact(() -> {
            int ended = database.update(
                    """
                    update command set state = 'ENDED', outcome = ?, ended_at = ?
                    where id = ? and host = ? and state = 'ISSUED'
                    """,
                    JsonColumn.of(CommandCodec.mapper().valueToTree(outcome)), clock.instant(), id.value(),
                    host.value());
            if (ended > 0) {
                database.afterCommit(() -> {
                    lastSigns.remove(id);
                    handedOut.remove(id);
                    taken.remove(id);
                });
                jobs.signal(job(id));
            }
        });
    }

    /** Lets all waiting agents go. */
    @Override
    public void close() {
        signals.close();
        questions.close();
    }

    private static JobId job(CommandId id) {
        return JobId.parse(id.value().substring(0, UUID_LENGTH));
    }

    private static IssuedCommand issued(Row row) {
        return new IssuedCommand(new CommandId(row.text("id")), row.json("command", AgentCommand.class));
    }
}
