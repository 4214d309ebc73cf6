package org.understudy.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.AdapterView;
import org.understudy.api.ItemView;
import org.understudy.api.Operation;
import org.understudy.api.PauseRequest;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code item}: the protected items. */
@Command(name = "item", description = "Protected items.", mixinStandardHelpOptions = true,
        subcommands = {ItemCommands.ListAll.class, ItemCommands.Show.class, ItemCommands.WatchOne.class,
                ItemCommands.Pause.class, ItemCommands.Resume.class})
final class ItemCommands {
    private static Table table(List<ItemView> items) {
        return Table.of(items, ItemCommands::row,
                "NAME", "STATE", "HEALTH", "COVERED", "RPO", "POINTS", "SOURCE", "TARGET", "JOB", "ID");
    }

    private static List<?> row(ItemView item) {
        return List.of(item.name(), item.stateDescription(), item.health().level(), item.progress().percent() + " %",
                item.rpoSeconds().map(rpo -> rpo + " s"), item.recoveryPoints(), item.route().sourceHost(),
                item.route().targetHost(), item.currentJob(), item.id());
    }

    /** All facts of one item. */
    static Table details(ItemView item) {
        var progress = item.progress();
        Table table = Table.facts()
                .row("name", item.name())
                .row("id", item.id())
                .row("vm", item.vm())
                .row("state", item.state())
                .row("description", item.stateDescription())
                .row("runs at", item.activeLocation())
                .row("health", item.health().level());
        item.health().reasons().forEach(reason -> table.row("", reason));
        item.trouble().ifPresent(failure -> table.row("trouble", failure.code() + ": " + failure.message())
                .row("what to do", failure.recommendedAction()));
        table.row("cloud pair", item.route().pair())
                .row("policy", item.route().policy())
                .row("source", item.route().sourceHost())
                .row("target", item.route().targetHost())
                .row("generation", item.generation())
                .row("covered", progress.covered() + " of " + progress.total() + ", " + progress.percent() + " %")
                .row("captured", progress.captured())
                .row("acknowledged", progress.acknowledged())
                .row("applied", progress.applied())
                .row("waiting", progress.waiting())
                .row("changed / sent", progress.changed() + " / " + progress.sent())
                .row("compared / equal", progress.compared() + " / " + progress.equal())
                .row("its own disks", progress.handOver().map(now ->
                        now.description() + "; disks left: " + now.disksLeft()))
                .row("RPO", item.rpoSeconds().map(rpo -> rpo + " s"))
                .row("recovery points", item.recoveryPoints())
                .row("latest point", item.latestPoint()
                        .map(point -> point.id() + " of " + Table.time(point.capturedAt())));
        item.failedOverTo().ifPresent(
                point -> table.row("failed over to", point.id() + " of " + Table.time(point.capturedAt())));
        item.adapters().forEach(adapter -> table.row("adapter " + adapter.index(), adapter(adapter)));
        item.differences().forEach(difference -> table.row("at the target", difference));
        item.testFailover().ifPresent(test -> table.row("test failover", test.vmName() + " in network "
                + test.network() + ", " + test.phase()));
        item.testFailover().ifPresent(test -> test.differences().forEach(difference ->
                table.row("in the test", difference)));
        return table.row("last test", item.lastSuccessfulTest())
                .row("allowed", item.allowedOperations())
                .row("current job", item.currentJob());
    }

    private static String adapter(AdapterView adapter) {
        return adapter.macAddress() + " on " + adapter.sourceNetwork().orElse("nothing") + ", after a failover on "
                + adapter.targetNetwork().map(network -> network + adapter.targetSubnet().map(s -> "/" + s).orElse(""))
                        .orElse("nothing");
    }

    /** {@code item list}. */
    @Command(name = "list", description = "List the protected items.", sortOptions = false)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private Invocation invocation;

        @Override
        public Integer call() {
            return invocation.show(VaultClient::items, ItemCommands::table);
        }
    }

    /** {@code item show}. */
    @Command(name = "show", description = "Show a protected item.", sortOptions = false)
    static final class Show implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "ITEM", description = "name or id")
        private String item;

        @Override
        public Integer call() {
            return invocation.show(client -> client.item(item), ItemCommands::details);
        }
    }

    /** {@code item pause}. */
    @Command(name = "pause", description = "Begin no cycle any more until item resume, so that you have the VM alone.",
            sortOptions = false)
    static final class Pause implements Callable<Integer> {
        @Mixin
        private ItemInvocation item;
        @Option(names = "--release", description = {
                "take our checkpoints and bitmaps off the VM as well, for what fails of them (virsh snapshot-revert);",
                "the next cycle then reads the disks anew, and recovery points stay"})
        private boolean release;

        @Override
        public Integer call() {
            return item.ask(Operation.PAUSE_REPLICATION, new PauseRequest(Optional.of(release)));
        }
    }

    /** {@code item resume}. */
    @Command(name = "resume", description = "Make replication go on that is paused, or after what it stood still for.",
            sortOptions = false)
    static final class Resume implements Callable<Integer> {
        @Mixin
        private ItemInvocation item;

        @Override
        public Integer call() {
            return item.ask(Operation.RESUME_REPLICATION, Map.of());
        }
    }

    /** {@code item watch}. */
    @Command(name = "watch", description = "Follow a protected item until Ctrl-C.", sortOptions = false)
    static final class WatchOne implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "ITEM", description = "name or id")
        private String item;

        @Override
        public Integer call() {
            try (VaultClient client = invocation.client()) {
                return new Watch(invocation, client).item(item);
            }
        }
    }
}
