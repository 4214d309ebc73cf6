package org.understudy.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.JobView;
import org.understudy.api.VaultClient;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.JobId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code job}: every operation of the vault. */
@Command(name = "job", description = "Jobs: every operation, in steps.", mixinStandardHelpOptions = true,
        subcommands = {JobCommands.ListAll.class, JobCommands.Show.class, JobCommands.WatchOne.class,
            JobCommands.Cancel.class, JobCommands.Restart.class, JobCommands.Resume.class})
final class JobCommands {
    private static Table table(List<JobView> jobs) {
        return Table.of(jobs, job -> List.of(job.name(), job.object().map(JobView.JobObject::name), job.state(),
                job.createdAt(), job.endedAt(), job.error().map(failure -> failure.code()), job.id()),
                "JOB", "OF", "STATE", "CREATED", "ENDED", "ERROR", "ID");
    }

    /** A job that was just made, in one line: none of its steps has anything to tell yet. */
    static Table begun(JobView job) {
        return Table.facts().row("%s%s began. Follow it: understudy job watch %s".formatted(job.name(),
                job.object().map(of -> " of " + of.name()).orElse(""), job.id()));
    }

    /** A job with its steps. */
    static Table details(JobView job) {
        Table table = Table.facts()
                .row("job", job.name())
                .row("id", job.id())
                .row("of", job.object().map(JobView.JobObject::name))
                .row("state", job.state())
                .row("description", job.stateDescription())
                .row("created", job.createdAt())
                .row("ended", job.endedAt());
        job.steps().forEach(step -> {
            table.row("step", step.name(), step.state(), step.note().orElse(""));
            step.error().ifPresent(failure -> table.row("", failure.code() + ": " + failure.message()));
        });
        job.error().ifPresent(failure -> table.row("error", failure.code() + ": " + failure.message())
                .row("what to do", failure.recommendedAction()));
        return table.row("allowed", job.allowedActions());
    }

    private static JobId parse(String id) {
        try {
            return JobId.parse(id);
        } catch (IllegalArgumentException e) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "\"" + id + "\" is not the id of a job");
        }
    }

    /** {@code job list}. */
    @Command(name = "list", description = "List jobs, newest first.", sortOptions = false)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Option(names = "--item", paramLabel = "ITEM", description = "of this protected item alone, by name or id")
        private Optional<String> item = Optional.empty();
        @Option(names = "--active", description = "those that have not ended")
        private boolean active;

        @Override
        public Integer call() {
            return invocation.show(
                    client -> client.jobs(item.map(name -> client.item(name).id().toString()), active),
                    JobCommands::table);
        }
    }

    /** {@code job show}. */
    @Command(name = "show", description = "Show a job and its steps.", sortOptions = false)
    static final class Show implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "JOB", description = "its id")
        private String job;

        @Override
        public Integer call() {
            return invocation.show(client -> client.job(parse(job)), JobCommands::details);
        }
    }

    /** {@code job watch}. */
    @Command(name = "watch", description = "Follow a job until it ends.", sortOptions = false)
    static final class WatchOne implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "JOB", description = "its id")
        private String job;

        @Override
        public Integer call() {
            try (VaultClient client = invocation.client()) {
                return new Watch(invocation, client).job(parse(job));
            }
        }
    }

    /** {@code job cancel}. */
    @Command(name = "cancel", description = "Cancel a job.", sortOptions = false)
    static final class Cancel implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Confirmation confirmation;
        @Parameters(paramLabel = "JOB", description = "its id")
        private String job;

        @Override
        public Integer call() {
            if (confirmation.isDryRun()) {
                return invocation.show(client -> client.job(parse(job)), JobCommands::details);
            }
            confirmation.require(invocation, "job " + job + " will be cancelled");
            return invocation.show(client -> client.cancel(parse(job)), JobCommands::details);
        }
    }

    /** {@code job resume}. */
    @Command(name = "resume", sortOptions = false,
            description = "Let a suspended job go on that nothing else lets go on.")
    static final class Resume implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "JOB", description = "its id")
        private String job;

        @Override
        public Integer call() {
            return invocation.show(client -> client.resume(parse(job)), JobCommands::details);
        }
    }

    /** {@code job restart}. */
    @Command(name = "restart", description = "Start a failed job again at the step that failed.", sortOptions = false)
    static final class Restart implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "JOB", description = "its id")
        private String job;
        @Option(names = "--wait", description = "wait until it ends")
        private boolean wait;

        @Override
        public Integer call() {
            try (VaultClient client = invocation.client()) {
                return Watch.started(invocation, client, client.restart(parse(job)), wait);
            }
        }
    }
}
