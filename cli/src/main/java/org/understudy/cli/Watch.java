package org.understudy.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.understudy.api.DryRunView;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.VaultClient;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.JobId;
import org.understudy.model.PlainText;
import picocli.CommandLine;

/**
 * Follows a job or an item until it stands where the person waits for it. On a terminal one line that is written over,
 * otherwise one line for each change; both on the error output, so that the answer can be piped.
 */
final class Watch {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(400);
    /** How long a vault that was there may be away. */
    private static final Duration VAULT_AWAY = Duration.ofMinutes(10);
    private static final int BAR = 30;

    private final Invocation invocation;
    private final VaultClient client;
    private final Semaphore never = new Semaphore(0);
    private final Map<Integer, String> told = new HashMap<>();
    private String lastLine = "";

    Watch(Invocation invocation, VaultClient client) {
        this.invocation = invocation;
        this.client = client;
    }

    /** Waits until the job ended or waits for a person; prints it; a failed job is exit code 1. */
    int job(JobId id) {
        JobView job = atRest(id);
        endLine();
        invocation.print(job, JobCommands::details);
        return exitCode(job);
    }

    /** Waits for the job, then for the item to be protected, with a bar for initial replication. */
    int protection(JobId id) {
        JobView job = atRest(id);
        if (job.state() != JobView.State.SUCCEEDED) {
            endLine();
            invocation.print(job, JobCommands::details);
            return exitCode(job);
        }
        String itemId = job.object().orElseThrow().id();
        Supplier<ItemView> look = () -> answered("item " + itemId, () -> client.item(itemId));
        ItemView item = look.get();
        while (isBeingCopied(item)) {
            tell(item);
            pause();
            item = look.get();
        }
        tell(item);
        endLine();
        invocation.print(item, ItemCommands::details);
        return item.state().equals("Protected") ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    /** Follows an item until the process is ended. */
    int item(String name) {
        while (!Thread.currentThread().isInterrupted()) {
            tell(client.item(name));
            pause();
        }
        return CommandLine.ExitCode.OK;
    }

    /** The exit code that a job's end means, with its error printed. */
    int exitCode(JobView job) {
        if (job.state() == JobView.State.SUCCEEDED || job.state() == JobView.State.SUSPENDED) {
            return CommandLine.ExitCode.OK;
        }
        job.error().ifPresent(failure -> Main.print(failure, invocation.err()));
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** The job once it ended or waits for a person, its steps told meanwhile. */
    private JobView atRest(JobId id) {
        JobView job = answered("job " + id, () -> client.job(id));
        while (!isAtRest(job)) {
            tell(job);
            pause();
            job = answered("job " + id, () -> client.job(id));
        }
        tell(job);
        return job;
    }

    /** What the vault does goes on while it is restarted, and so does whoever waits for it. */
    private <T> T answered(String what, Supplier<T> question) {
        long until = System.nanoTime() + VAULT_AWAY.toNanos();
        while (true) {
            try {
                return question.get();
            } catch (FailureException e) {
                if (e.failure().code() != FailureCode.VAULT_UNREACHABLE || System.nanoTime() > until) {
                    throw e;
                }
                line(false, "The vault does not answer; " + what + " goes on when it is back. Waiting.");
                pause();
            }
        }
    }

    private static boolean isAtRest(JobView job) {
        return job.state().isEnded() || job.state() == JobView.State.SUSPENDED;
    }

    private static boolean isBeingCopied(ItemView item) {
        return item.state().equals("Enabling") || item.state().equals("InitialReplication");
    }

    private void tell(JobView job) {
        for (int index = 0; index < job.steps().size(); index++) {
            JobView.Step step = job.steps().get(index);
            // A step that is tried again says why each time the reason is another: silence would look like a hang.
            String text = "%s: %s: %s%s%s".formatted(job.name(), step.name(), words(step.state()),
                    step.note().map(note -> " (" + note + ")").orElse(""),
                    step.error().map(failure -> ": " + failure.code() + " " + failure.message()).orElse(""));
            if (step.state() != JobView.State.NOT_STARTED && !text.equals(told.put(index, text))) {
                line(false, text);
            }
        }
    }

    private void tell(ItemView item) {
        var progress = item.progress();
        String text = item.state().equals("InitialReplication")
                ? "%s %s %3d %%  %s of %s".formatted(item.name(), bar(progress.percent()), progress.percent(),
                        progress.covered(), progress.total())
                : "%s: %s, health %s, RPO %s, %d points".formatted(item.name(), item.stateDescription(),
                        words(item.health().level()), item.rpoSeconds().map(rpo -> rpo + " s").orElse("unknown"),
                        item.recoveryPoints());
        String trouble = item.trouble().map(failure -> "  " + failure.message()).orElse("");
        line(true, text + trouble);
    }

    private static String bar(int percent) {
        int full = BAR * percent / 100;
        return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "]";
    }

    private static String words(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private void line(boolean overwritable, String written) {
        String text = PlainText.of(written);
        if (text.equals(lastLine)) {
            return;
        }
        String at = Instant.now().truncatedTo(ChronoUnit.SECONDS) + "  ";
        if (overwritable && invocation.terminal().isPresent()) {
            invocation.err().print("\r\u001b[K" + at + text);
        } else {
            invocation.err().println(at + text);
        }
        invocation.err().flush();
        lastLine = text;
    }

    private void endLine() {
        if (invocation.terminal().isPresent() && !lastLine.isEmpty()) {
            invocation.err().println();
            invocation.err().flush();
        }
    }

    private void pause() {
        try {
            // Nobody ever releases it: this is a pause that an interrupt ends.
            if (never.tryAcquire(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("released by nobody");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw FailureException.of(FailureCode.CANCELLED, "waiting was interrupted; the job goes on in the vault");
        }
    }

    /** Prints a job that was just made, or follows it. */
    static int started(Invocation invocation, VaultClient client, JobView job, boolean wait) {
        if (wait) {
            return new Watch(invocation, client).job(job.id());
        }
        invocation.print(job, JobCommands::begun);
        return CommandLine.ExitCode.OK;
    }

    /** A dry run's answer. */
    static int dryRun(Invocation invocation, DryRunView run) {
        invocation.print(run, view -> {
            Table table = Table.facts().row("operation", view.operation());
            table.row("possible", view.possible() ? "yes" : "no");
            view.checks().forEach(check -> table.row("check", check.name() + ": "
                    + check.failure().map(failure -> failure.code() + " " + failure.message()).orElse("passed")));
            view.actions().forEach(action -> table.row("would", action));
            view.warnings().forEach(warning -> table.row("warning", warning));
            return table;
        });
        return run.possible() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
}
