package org.understudy.agent.main;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.agent.local.LocalDoor;
import org.understudy.agent.local.LocalWords.Answer;
import org.understudy.agent.local.LocalWords.Candidate;
import org.understudy.agent.local.LocalWords.Request;
import org.understudy.command.HeldRole.Deed;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Fails a VM over at its recovery host, when there is neither vault nor primary any more. */
@Command(
        name = "failover",
        description = "When the vault is gone as well: start a VM from its replica on this host. Without a VM, list "
                + "what can be failed over; without a reason, say what would be done. The agent must run; the vault "
                + "learns of it when it is back.",
        mixinStandardHelpOptions = true)
final class FailoverCommand implements Callable<Integer> {
    @Parameters(index = "0", arity = "0..1", paramLabel = "VM", description = "The VM, by its name or UUID.")
    private String vm;

    @Option(names = "--point", paramLabel = "POINT", defaultValue = "latest",
            description = "latest (default), latest-processed, latest-application-consistent, or one such as 1-42.")
    private String point;

    @Option(names = "--network", paramLabel = "NAME",
            description = "Where its adapters go (none: nowhere); without it, where the vault told last.")
    private String network;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept here and in the vault. Does it.")
    private String reason;

    @Option(names = "--confirm", paramLabel = "NAME", description = "The VM's name, instead of being asked for it.")
    private String confirm;

    @Option(names = "--force", description = "Although the vault answers, or the source sent a moment ago.")
    private boolean force;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The agent's folder.")
    private Path data;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Main.quietLog();
        Optional<Deed> deed = Optional.ofNullable(reason).map(Person::deed);
        List<Candidate> found = ask(Optional.empty()).candidates();
        PrintWriter out = spec.commandLine().getOut();
        if (vm == null) {
            list(found, out);
            return 0;
        }
        Candidate candidate = found.getFirst();
        tell(candidate, out);
        if (deed.isEmpty()) {
            out.println("Nothing was done. To do it: add --reason TEXT");
            out.flush();
            return candidate.obstacles().isEmpty() ? 0 : 1;
        }
        out.println("The VM must run nowhere else: two running copies cannot be made one again.");
        out.flush();
        Person.mustType(candidate.name(), Optional.ofNullable(confirm), "--confirm " + candidate.name());
        ask(deed).started().ifPresent(started -> {
            out.println("VM " + started.vmName() + " was started from recovery point " + started.point().position()
                    + " of " + started.point().capturedAt() + ".");
            started.differences().forEach(difference -> out.println("  note: " + difference));
            out.println("The vault learns of it when it is back; commit or disable there.");
        });
        out.flush();
        return 0;
    }

    private Answer ask(Optional<Deed> deed) throws IOException {
        return LocalDoor.ask(data, new Request(
                Optional.ofNullable(vm), point, Optional.ofNullable(network), force, deed));
    }

    private static void list(List<Candidate> found, PrintWriter out) {
        if (found.isEmpty()) {
            out.println("This host has no replica.");
        }
        found.forEach(candidate -> out.printf("%-24s %-12s %-10s %s%n", candidate.name(),
                candidate.newest().map(newest -> newest.position().toString()).orElse("-"), age(candidate),
                candidate.obstacles().isEmpty() ? "can be failed over" : String.join(" ", candidate.obstacles())));
        out.flush();
    }

    private static void tell(Candidate candidate, PrintWriter out) {
        out.println("VM " + candidate.name() + " (" + candidate.vm() + "): " + candidate.points()
                + " recovery points, the newest " + candidate.newest().map(newest -> newest.position() + " of "
                        + newest.capturedAt()).orElse("-") + ", " + age(candidate) + " old");
        candidate.plan().forEach(step -> out.println("  " + step));
        candidate.obstacles().forEach(obstacle -> out.println("  cannot be: " + obstacle));
        candidate.doubts().forEach(doubt -> out.println("  only with --force: " + doubt));
    }

    private static String age(Candidate candidate) {
        Instant now = Clock.systemUTC().instant();
        return candidate.newest().map(newest -> Duration.between(newest.capturedAt(), now).toSeconds())
                .map(seconds -> seconds < 120 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min"
                        : seconds / 3600 + " h").orElse("-");
    }
}
