package org.understudy.cli;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.ChangePointRequest;
import org.understudy.api.CleanupRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.Operation;
import org.understudy.api.TestFailoverRequest;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code failover}: test it, clean the test up, do it, do it from another point, take it back. */
@Command(name = "failover", description = "Test failover and failover.", mixinStandardHelpOptions = true,
        subcommands = {FailoverCommands.Test.class, FailoverCommands.Cleanup.class, FailoverCommands.Planned.class,
            FailoverCommands.Start.class, FailoverCommands.ChangePoint.class, FailoverCommands.Abandon.class,
            FailoverCommands.Reverse.class})
final class FailoverCommands {
    private static final String POINTS =
            "latest (default), latest-processed, latest-application-consistent or a point's id";

    /** {@code failover test}. */
    @Command(name = "test", description = "Start a test VM from a recovery point; production is not touched.",
            sortOptions = false)
    static final class Test implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "ITEM", description = "name or id")
        private String item;
        @Option(names = "--point", paramLabel = "POINT", description = POINTS)
        private Optional<String> point = Optional.empty();
        @Option(names = "--network", paramLabel = "NETWORK",
                description = {"isolated (default), none, or a network of the target host kept apart from production;",
                    "network:NAME for one that is called isolated or none"})
        private Optional<String> network = Optional.empty();
        @Option(names = "--force", description = "although the network is production's; needs --reason")
        private boolean force;
        @Option(names = "--reason", paramLabel = "TEXT", description = "why it is forced; audited")
        private Optional<String> reason = Optional.empty();
        @Option(names = "--wait", description = "wait until the test VM runs")
        private boolean wait;
        @Option(names = "--dry-run", description = "say what would be done, change nothing")
        private boolean dryRun;

        @Override
        public Integer call() {
            if (force && reason.filter(text -> !text.isBlank()).isEmpty()) {
                throw invocation.wrongUsage("--force needs --reason");
            }
            TestFailoverRequest request = new TestFailoverRequest(point, network,
                    force ? Optional.of(true) : Optional.empty(), reason);
            try (VaultClient client = invocation.client()) {
                return dryRun
                        ? Watch.dryRun(invocation, client.testFailoverDryRun(item, request))
                        : Watch.started(invocation, client, client.testFailover(item, request), wait);
            }
        }
    }

    /** {@code failover cleanup}. */
    @Command(name = "cleanup", description = "Remove the test VM and what was made for it.", sortOptions = false)
    static final class Cleanup implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "ITEM", description = "name or id")
        private String item;
        @Option(names = "--notes", paramLabel = "TEXT", description = "what the test showed; kept with the job")
        private Optional<String> notes = Optional.empty();
        @Option(names = "--forget", description = "go on without the target host if it cannot be reached")
        private boolean forget;
        @Option(names = "--wait", description = "wait until it is gone")
        private boolean wait;

        @Override
        public Integer call() {
            CleanupRequest request =
                    new CleanupRequest(notes, forget ? Optional.of(true) : Optional.empty());
            try (VaultClient client = invocation.client()) {
                return Watch.started(invocation, client, client.cleanUpTestFailover(item, request), wait);
            }
        }
    }

    /** {@code failover change-point}. */
    @Command(name = "change-point", sortOptions = false, description = {
            "Start a VM that was failed over, and is not committed, from another recovery point.",
            "What it wrote since its failover is lost."})
    static final class ChangePoint implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Confirmation confirmation;
        @Parameters(paramLabel = "ITEM", description = "name or id")
        private String item;
        @Option(names = "--point", paramLabel = "POINT", description = POINTS)
        private Optional<String> point = Optional.empty();
        @Option(names = "--wait", description = "wait until the VM runs from that point")
        private boolean wait;

        @Override
        public Integer call() {
            ChangePointRequest request = new ChangePointRequest(point);
            try (VaultClient client = invocation.client()) {
                if (confirmation.isDryRun()) {
                    return Watch.dryRun(
                            invocation, client.rehearse(item, Operation.CHANGE_RECOVERY_POINT, request));
                }
                confirmation.requireName(invocation, item,
                        "what " + item + " wrote since its failover is lost, and it starts from another point");
                return Watch.started(
                        invocation, client, client.operate(item, Operation.CHANGE_RECOVERY_POINT, request), wait);
            }
        }
    }

    /** {@code failover abandon}. */
    @Command(name = "abandon", sortOptions = false,
            description = "Take a failover back that stopped before its VM was defined at the target.")
    static final class Abandon implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "ITEM", description = "name or id")
        private String item;
        @Option(names = "--wait", description = "wait until replication may go on")
        private boolean wait;

        @Override
        public Integer call() {
            try (VaultClient client = invocation.client()) {
                return Watch.started(invocation, client, client.abandonFailover(item), wait);
            }
        }
    }

    /** {@code failover reverse}. */
    @Command(name = "reverse", sortOptions = false, description = {
            "Replicate a VM that was failed over back to the host that it came from.",
            "The disks that it left there are brought up to date; only what differs is sent."})
    static final class Reverse implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "ITEM", description = "name or id")
        private String item;
        @Option(names = "--wait", description = "wait until replication has begun")
        private boolean wait;
        @Option(names = "--dry-run", description = "say what would be done, change nothing")
        private boolean dryRun;

        @Override
        public Integer call() {
            try (VaultClient client = invocation.client()) {
                return dryRun
                        ? Watch.dryRun(invocation, client.rehearse(item, Operation.REVERSE_REPLICATE, Map.of()))
                        : Watch.started(
                                invocation, client, client.operate(item, Operation.REVERSE_REPLICATE, Map.of()), wait);
            }
        }
    }

    /** {@code failover planned}. */
    @Command(name = "planned", sortOptions = false,
            description = "Fail over without loss: shut the VM down, ship the rest, start it at the target.")
    static final class Planned implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Confirmation confirmation;
        @Parameters(paramLabel = "ITEM", description = "name or id")
        private String item;
        @Option(names = "--wait", description = "wait until the VM runs at the target")
        private boolean wait;

        @Override
        public Integer call() {
            try (VaultClient client = invocation.client()) {
                if (confirmation.isDryRun()) {
                    return Watch.dryRun(invocation, client.failOverAsPlannedDryRun(item));
                }
                confirmation.require(invocation,
                        item + " will be shut down and started at its target; nothing is lost");
                return Watch.started(invocation, client, client.failOverAsPlanned(item), wait);
            }
        }
    }

    /** {@code failover start}. */
    @Command(name = "start", description = "Fail over: replication ends, the VM starts at the target.",
            sortOptions = false)
    static final class Start implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Confirmation confirmation;
        @Parameters(paramLabel = "ITEM", description = "name or id")
        private String item;
        @Option(names = "--point", paramLabel = "POINT", description = POINTS)
        private Optional<String> point = Optional.empty();
        @Option(names = "--shut-down-source", negatable = true, fallbackValue = "true",
                description = "shut the source VM down first; refused if it runs and stays up (default: yes)")
        private Optional<Boolean> shutDownSource = Optional.empty();
        @Option(names = "--force", description = "start although the source VM may be running; needs --reason")
        private boolean force;
        @Option(names = "--reason", paramLabel = "TEXT", description = "why it is forced; audited")
        private Optional<String> reason = Optional.empty();
        @Option(names = "--wait", description = "wait until the VM runs at the target")
        private boolean wait;

        @Override
        public Integer call() {
            FailoverRequest request = new FailoverRequest(point, shutDownSource,
                    force ? Optional.of(true) : Optional.empty(), reason);
            if (force && reason.filter(text -> !text.isBlank()).isEmpty()) {
                throw invocation.wrongUsage("--force needs --reason");
            }
            try (VaultClient client = invocation.client()) {
                if (confirmation.isDryRun()) {
                    return Watch.dryRun(invocation, client.failOverDryRun(item, request));
                }
                confirmation.require(invocation,
                        "replication of " + item + " will end and its replica will be started");
                return Watch.started(invocation, client, client.failOver(item, request), wait);
            }
        }
    }
}
