package org.understudy.agent.local;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.understudy.agent.local.LocalWords.Answer;
import org.understudy.agent.local.LocalWords.Candidate;
import org.understudy.agent.local.LocalWords.Request;
import org.understudy.agent.target.ReplicaMachines;
import org.understudy.agent.vault.CommandExecutor;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.command.AgentCommand.CheckMachine;
import org.understudy.command.AgentCommand.FailOver;
import org.understudy.command.CommandOutcome;
import org.understudy.command.CommandOutcome.MachineStarted;
import org.understudy.command.HeldRole.Deed;
import org.understudy.command.PointChoice;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.Portability;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.RelationshipId;
import org.understudy.replica.Branch;
import org.understudy.replica.Replica;

/**
 * A failover that a person does at this host, without the vault: looked at, and then done by the very commands that a
 * vault would have sent, in their turn among those. Its role notes who did it, durably, and so the vault learns of it.
 */
public final class LocalFailover {
    /** Whoever sent so lately is probably alive. */
    private static final Duration SENT_LATELY = Duration.ofSeconds(60);
    private static final String NOWHERE = "none";

    private final Supplier<List<Replica>> current;
    private final ReplicaMachines machines;
    private final AttachmentStore attachments;
    private final Turns turns;
    private final BooleanSupplier vaultAnswers;
    private final Clock clock;

    /**
     * Of a host.
     *
     * @param current replicas of the newest direction in which this host has a part, as target or as source: the VM of
     *     an earlier one has run since, here or elsewhere
     * @param vaultAnswers whether the vault was heard at the last attempt
     */
    public LocalFailover(Supplier<List<Replica>> current, ReplicaMachines machines, AttachmentStore attachments,
            Turns turns, BooleanSupplier vaultAnswers, Clock clock) {
        this.current = current;
        this.machines = machines;
        this.attachments = attachments;
        this.turns = turns;
        this.vaultAnswers = vaultAnswers;
        this.clock = clock;
    }

    /** Has commands of one item carried out one after the other, whoever asks for them. */
    public interface Turns {
        CommandOutcome take(FailOver command, CommandExecutor executor);
    }

    /** The list, the look or the deed that is asked for. */
    Answer answer(Request asked) throws IOException {
        PointChoice point = point(asked.point());
        if (asked.vm().isEmpty()) {
            List<Candidate> all = new ArrayList<>();
            for (Replica replica : current.get()) {
                all.add(look(replica, asked, point));
            }
            return new Answer(Optional.empty(), all, Optional.empty());
        }
        Replica replica = named(asked.vm().get());
        Candidate found = look(replica, asked, point);
        if (asked.deed().isEmpty()) {
            return new Answer(Optional.empty(), List.of(found), Optional.empty());
        }
        List<String> against = new ArrayList<>(found.obstacles());
        against.addAll(asked.force() ? List.of() : found.doubts());
        if (!against.isEmpty()) {
            throw FailureException.of(found.obstacles().isEmpty() ? FailureCode.SOURCE_STILL_RUNNING
                    : FailureCode.TARGET_CANNOT_RUN_VM, "VM " + found.name() + " was not failed over: "
                            + String.join(" ", against), found.obstacles().isEmpty()
                    ? "See that it runs nowhere else, then repeat it with --force." : "Do what the message says, then "
                            + "repeat it; nothing was changed.");
        }
        return new Answer(Optional.empty(), List.of(found), Optional.of(done(replica, asked, point)));
    }

    private MachineStarted done(Replica replica, Request asked, PointChoice point) throws IOException {
        RelationshipId relationship = replica.spec().relationship();
        Deed deed = asked.deed().orElseThrow();
        FailOver command = new FailOver(relationship, point, adapters(replica, asked.network(), point));
        CommandOutcome outcome = turns.take(command, _ -> {
            // The direction may have turned while this waited for its turn.
            named(replica.spec().vm().toString());
            if (testIsOpen(replica)) {
                machines.cleanUpTest(relationship);
            }
            return machines.failOver(command, Optional.of(deed));
        });
        return switch (outcome) {
            case MachineStarted started -> started;
            case CommandOutcome.Failed failed -> throw failed.failure().asException();
            case CommandOutcome other -> throw new IllegalStateException("a failover answered " + other);
        };
    }

    private Candidate look(Replica replica, Request asked, PointChoice point) throws IOException {
        List<RecoveryPoint> points = replica.points().newestFirst();
        Optional<RecoveryPoint> newest = points.stream().findFirst();
        List<String> obstacles = new ArrayList<>();
        List<String> plan = new ArrayList<>();
        boolean runs = replica.branches().stream().anyMatch(branch -> branch.purpose() == Branch.Purpose.FAILOVER);
        if (newest.isEmpty()) {
            obstacles.add("It has no recovery point yet.");
        } else {
            plan(replica, asked, point, obstacles, plan);
        }
        return new Candidate(replica.spec().vm().toString(), replica.spec().vmName(), points.size(), newest, obstacles,
                runs ? List.of() : doubts(newest), plan);
    }

    private void plan(Replica replica, Request asked, PointChoice point, List<String> obstacles, List<String> plan)
            throws IOException {
        String name = replica.spec().vmName();
        try {
            List<AdapterAttachment> adapters = adapters(replica, asked.network(), point);
            Portability found = ((CommandOutcome.MachineChecked) machines.check(new CheckMachine(
                    replica.spec().relationship(), replica.spec().vm(), name, point, adapters,
                    Optional.empty()))).portability();
            obstacles.addAll(found.obstacles());
            if (testIsOpen(replica)) {
                plan.add("remove the VM of the test that is open");
            }
            plan.add("refuse whatever the source still sends, for good");
            plan.add("start VM " + name + " on this host from recovery point " + asked.point());
            adapters.forEach(adapter -> plan.add("connect its adapter " + adapter.macAddress() + " to "
                    + adapter.network().map(network -> "network " + network).orElse("nothing")));
            found.warnings().forEach(warning -> plan.add("note: " + warning));
        } catch (FailureException e) {
            obstacles.add(e.failure().message());
        }
    }

    private List<String> doubts(Optional<RecoveryPoint> newest) {
        List<String> doubts = new ArrayList<>();
        if (vaultAnswers.getAsBoolean()) {
            doubts.add("The vault answers: fail over there (understudy failover start), which knows more.");
        }
        newest.map(point -> Duration.between(point.capturedAt(), clock.instant()))
                .filter(age -> age.compareTo(SENT_LATELY) < 0).ifPresent(age -> doubts.add("Its source sent a "
                        + "state that is " + Math.max(0, age.toSeconds()) + " s old: the VM probably runs there."));
        return doubts;
    }

    /** As the person says, or else as the vault told; nobody told, they are connected to nothing and named. */
    private List<AdapterAttachment> adapters(Replica replica, Optional<String> network, PointChoice point)
            throws IOException {
        if (network.isEmpty()) {
            return attachments.of(replica.spec().item()).orElse(List.of());
        }
        List<AdapterAttachment> adapters = new ArrayList<>();
        String definition = replica.definition(chosen(replica, point)).orElse("");
        List<String> macs = definition.isEmpty() ? List.of() : new MachineDefinition(definition).adapterAddresses();
        for (String mac : macs) {
            adapters.add(new AdapterAttachment(adapters.size(), mac, network.filter(name -> !name.equals(NOWHERE)),
                    Optional.empty()));
        }
        return adapters;
    }

    private static LogPosition chosen(Replica replica, PointChoice point) {
        return point instanceof PointChoice.Custom(LogPosition position) ? position
                : replica.points().latest().position();
    }

    private static boolean testIsOpen(Replica replica) {
        return replica.branches().stream().anyMatch(branch -> branch.purpose() == Branch.Purpose.TEST);
    }

    private Replica named(String name) {
        List<Replica> found = current.get().stream().filter(replica -> replica.spec().vmName().equals(name)
                || replica.spec().vm().toString().equals(name)).toList();
        if (found.size() != 1) {
            throw FailureException.of(found.isEmpty() ? FailureCode.NOT_FOUND : FailureCode.REQUEST_INVALID,
                    found.isEmpty() ? "This host has no replica of a VM " + name + "."
                            : "This host has replicas of several VMs named " + name + ".",
                    "List them: understudy agent failover. Use the UUID of one where names are the same.");
        }
        return found.getFirst();
    }

    private static PointChoice point(String words) {
        return switch (words) {
            case "latest" -> new PointChoice.Latest();
            case "latest-processed" -> new PointChoice.LatestProcessed();
            case "latest-application-consistent" -> new PointChoice.LatestApplicationConsistent();
            case String other -> custom(other);
        };
    }

    private static PointChoice custom(String words) {
        try {
            return new PointChoice.Custom(LogPosition.parse(words));
        } catch (IllegalArgumentException e) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "\"" + words + "\" is no recovery point: it is "
                    + "latest, latest-processed, latest-application-consistent, or one such as 1-42.");
        }
    }
}
