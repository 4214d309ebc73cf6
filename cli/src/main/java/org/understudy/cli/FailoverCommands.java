package org.understudy.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.ChangePointRequest;
import org.understudy.api.CleanupRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.Operation;
import org.understudy.api.RecoveryPointView;
import org.understudy.api.ReverseRequest;
import org.understudy.api.TestFailoverRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code failover}: test it, clean the test up, do it, do it from another point, take it back. */
@Command(name = "failover", description = "Test failover and failover.", mixinStandardHelpOptions = true,
        subcommands = {FailoverCommands.Test.class, FailoverCommands.Cleanup.class, FailoverCommands.Tests.class,
            FailoverCommands.Planned.class, FailoverCommands.Start.class, FailoverCommands.ChangePoint.class,
            FailoverCommands.Abandon.class, FailoverCommands.Reverse.class})
final class FailoverCommands {
    private static final String POINTS =
            "latest (default), latest-processed, latest-application-consistent or a point's id (see point list)";

    /** {@code failover test}. */
    @Command(name = "test", sortOptions = false, description = {
            "Start a test VM from a recovery point; neither production nor replication is touched.",
            "It runs until failover cleanup removes it; after 14 days the vault does."})
    static final class Test implements Callable<Integer> {
        @Mixin
        private ItemInvocation item;
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

        @Override
        public Integer call() {
            return item.ask(Operation.TEST_FAILOVER,
                    new TestFailoverRequest(point, network, item.forced(force, reason), reason));
        }
    }

    /** {@code failover cleanup}. */
    @Command(name = "cleanup", sortOptions = false,
            description = "Remove the test VM with all it wrote, and what was made for it.")
    static final class Cleanup implements Callable<Integer> {
        @Mixin
        private ItemInvocation item;
        @Option(names = "--notes", paramLabel = "TEXT", description = "what the test showed; kept with the test")
        private Optional<String> notes = Optional.empty();
        @Option(names = "--forget", description = "go on without the target host if it cannot be reached")
        private boolean forget;

        @Override
        public Integer call() {
            return item.ask(Operation.TEST_FAILOVER_CLEANUP, new CleanupRequest(notes, ItemInvocation.flag(forget)));
        }
    }

    /** {@code failover tests}. */
    @Command(name = "tests", sortOptions = false,
            description = "List the tests of an item that were cleaned up, newest first, with their notes.")
    static final class Tests implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "ITEM", description = "name or id")
        private String item;

        @Override
        public Integer call() {
            return invocation.show(client -> client.tests(item), tests -> Table.of(tests, test -> List.of(
                            test.startedAt(), test.endedAt(), test.point().map(RecoveryPointView::id), test.network(),
                            test.endedBy(), test.notes()),
                    "STARTED AT", "ENDED AT", "POINT", "NETWORK", "ENDED BY", "NOTES"));
        }
    }

    /** {@code failover planned}. */
    @Command(name = "planned", sortOptions = false,
            description = "Fail over without loss: shut the VM down, ship the rest, start it at the target.")
    static final class Planned implements Callable<Integer> {
        @Mixin
        private ItemInvocation item;
        @Mixin
        private Consent consent;

        @Override
        public Integer call() {
            return item.ask(Operation.PLANNED_FAILOVER, Map.of(), (invocation, name) -> consent.require(
                    invocation, name + " will be shut down and started at its target; nothing is lost"));
        }
    }

    /** {@code failover start}. */
    @Command(name = "start", sortOptions = false, description = {
            "Fail over because the source is lost: replication ends, the VM starts at the target.",
            "What the guest wrote after the recovery point is lost."})
    static final class Start implements Callable<Integer> {
        @Mixin
        private ItemInvocation item;
        @Mixin
        private Consent consent;
        @Option(names = "--point", paramLabel = "POINT", description = POINTS)
        private Optional<String> point = Optional.empty();
        @Option(names = "--shut-down-source", negatable = true, fallbackValue = "true",
                description = "shut the source VM down first; refused if it runs and stays up (default: yes)")
        private Optional<Boolean> shutDownSource = Optional.empty();
        @Option(names = "--force", description = "start although the source VM may be running; needs --reason")
        private boolean force;
        @Option(names = "--reason", paramLabel = "TEXT", description = "why it is forced; audited")
        private Optional<String> reason = Optional.empty();

        @Override
        public Integer call() {
            return item.ask(Operation.UNPLANNED_FAILOVER,
                    new FailoverRequest(point, shutDownSource, item.forced(force, reason), reason),
                    (invocation, name) -> consent.require(invocation,
                            "replication of " + name + " will end and its replica will be started"));
        }
    }

    /** {@code failover change-point}. */
    @Command(name = "change-point", sortOptions = false, description = {
            "Start a VM that was failed over, and is not committed, from another recovery point.",
            "What it wrote since its failover is lost."})
    static final class ChangePoint implements Callable<Integer> {
        @Mixin
        private ItemInvocation item;
        @Mixin
        private Consent consent;
        @Option(names = "--point", paramLabel = "POINT", description = POINTS)
        private Optional<String> point = Optional.empty();

        @Override
        public Integer call() {
            return item.ask(Operation.CHANGE_RECOVERY_POINT, new ChangePointRequest(point),
                    (invocation, name) -> consent.requireName(invocation, name,
                            "what " + name + " wrote since its failover is lost, and it starts from another point"));
        }
    }

    /** {@code failover abandon}. */
    @Command(name = "abandon", sortOptions = false,
            description = "Take a failover back that stopped before its VM was defined at the target.")
    static final class Abandon implements Callable<Integer> {
        @Mixin
        private ItemInvocation item;

        @Override
        public Integer call() {
            return item.ask(Operation.ABANDON_FAILOVER, Map.of());
        }
    }

    /** {@code failover reverse}. */
    @Command(name = "reverse", sortOptions = false, description = {
            "Replicate a VM that was failed over back to the host that it came from, or to another of its cloud.",
            "Where it is defined its disks are brought up to date, and only what differs is sent;",
            "else a new replica is made. --dry-run says which of both."})
    static final class Reverse implements Callable<Integer> {
        @Mixin
        private ItemInvocation item;
        @Option(names = "--to", paramLabel = "HOST",
                description = "another host of the cloud that it was failed over from (default: that one)")
        private Optional<String> host = Optional.empty();

        @Override
        public Integer call() {
            return item.ask(Operation.REVERSE_REPLICATE, new ReverseRequest(host));
        }
    }
}
