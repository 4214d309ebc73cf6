package org.understudy.vault.fleet;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.understudy.command.AgentReport;
import org.understudy.command.AgentReport.RunningCommand;
import org.understudy.command.CommandId;
import org.understudy.model.Failure;
import org.understudy.model.HostId;

/**
 * What agents said of themselves in their last heartbeats: which commands they carry out, and what troubles them. Of
 * this process alone: nothing is known of an agent that was not heard since the vault began to listen. Measured by a
 * clock that only goes forward. Safe for many threads.
 */
public final class SignsOfLife {
    static final Duration HYPERVISOR_PATIENCE = Duration.ofMinutes(5);

    private final LongSupplier nanos;
    private final Map<HostId, Heard> heard = new ConcurrentHashMap<>();

    private record Heard(long at, Map<CommandId, RunningCommand> running, List<Failure> troubles) {}

    /**
     * The last word on a command that an agent carries out.
     *
     * @param age how long ago it was heard
     * @param progress what the agent does for it just now, in words for people
     * @param hangs whether the hypervisor has not answered it for too long
     */
    public record Sign(Duration age, Optional<String> progress, boolean hangs) {}

    /** @param nanos a clock that only goes forward */
    public SignsOfLife(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void hear(HostId host, AgentReport.Heartbeat heartbeat) {
        Map<CommandId, RunningCommand> running = new HashMap<>();
        heartbeat.running().forEach(command -> running.put(command.id(), command));
        heard.put(host, new Heard(nanos.getAsLong(), Map.copyOf(running), heartbeat.troubles()));
    }

    /** The last sign of a command's life, if the host's last heartbeat still named it. */
    public Optional<Sign> of(HostId host, CommandId command) {
        return Optional.ofNullable(heard.get(host)).flatMap(last ->
                Optional.ofNullable(last.running().get(command)).map(running ->
                        new Sign(age(last), running.progress(), hangs(running))));
    }

    /** A call of a hypervisor takes seconds, a minute on a busy host; for a command that waits longer nothing moves. */
    static boolean hangs(RunningCommand running) {
        return running.unanswered().filter(time -> time.compareTo(HYPERVISOR_PATIENCE) >= 0).isPresent();
    }

    /** The commands that the host's agent carried out when it was heard last, unless that is longer ago than this. */
    List<String> running(HostId host, Duration lately) {
        Heard last = heard.get(host);
        return last == null || age(last).compareTo(lately) > 0 ? List.of()
                : last.running().keySet().stream().map(CommandId::value).toList();
    }

    /** What troubled the host's agent when it was heard last. */
    public List<Failure> troubles(HostId host) {
        return Optional.ofNullable(heard.get(host)).map(Heard::troubles).orElse(List.of());
    }

    private Duration age(Heard last) {
        return Duration.ofNanos(nanos.getAsLong() - last.at());
    }
}
