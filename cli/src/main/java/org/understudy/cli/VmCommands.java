package org.understudy.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.MachineView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vm}: what can be protected. */
@Command(name = "vm", description = "Virtual machines that hosts reported.", mixinStandardHelpOptions = true,
        subcommands = {VmCommands.ListAll.class, VmCommands.Show.class})
final class VmCommands {
    private static Table table(List<MachineView> machines) {
        Table table = Table.of(machines, VmCommands::row,
                "NAME", "HOST", "SITE", "CLOUD", "POWER", "PROTECTION", "CAN BE PROTECTED",
                "WARNINGS", "ID");
        Table why = Table.headed("NAME", "HOST", "CANNOT BE PROTECTED BECAUSE");
        machines.forEach(view -> view.readinessErrors().forEach(
                error -> why.row(view.machine().name(), view.host(), error.message())));
        return machines.stream().allMatch(view -> view.readinessErrors().isEmpty()) ? table : table.above(why);
    }

    private static List<?> row(MachineView view) {
        return List.of(view.machine().name(), view.host(), view.site(), view.cloud(), view.machine().power(),
                view.protectionStatus(), view.readinessErrors().isEmpty() ? "yes" : "no, see below",
                view.machine().portability().warnings().size(),
                view.machine().id());
    }

    /** All facts of one VM. */
    private static Table details(MachineView view) {
        Table table = Table.facts()
                .row("name", view.machine().name())
                .row("id", view.machine().id())
                .row("host", view.host())
                .row("site", view.site())
                .row("cloud", view.cloud())
                .row("power", view.machine().power())
                .row("protection", view.protectionStatus());
        view.readinessErrors().forEach(error -> table.row("cannot be protected", error.message()));
        view.machine().disks().forEach(disk -> table.row("disk " + disk.name(), disk.size() + " in " + disk.file()));
        view.machine().adapters().forEach(adapter -> table.row("adapter " + adapter.index(),
                adapter.macAddress() + " on " + adapter.network().orElse("nothing")));
        view.machine().portability().warnings().forEach(warning -> table.row("at another host", warning));
        return table;
    }

    /** {@code vm show}. */
    @Command(name = "show", description = "Show a virtual machine and what would be missing or other at another host.",
            sortOptions = false)
    static final class Show implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "VM", description = "name or id")
        private String machine;

        @Override
        public Integer call() {
            return invocation.show(client -> client.machine(machine), VmCommands::details);
        }
    }

    /** {@code vm list}. */
    @Command(name = "list", description = "List virtual machines and whether they can be protected.",
            sortOptions = false)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Option(names = "--host", paramLabel = "HOST", description = "of this host alone")
        private Optional<String> host = Optional.empty();

        @Override
        public Integer call() {
            return invocation.show(client -> client.machines(host), VmCommands::table);
        }
    }
}
