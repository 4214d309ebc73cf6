package org.understudy.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.MachineView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vm}: what can be protected. */
@Command(name = "vm", description = "Virtual machines that hosts reported.", mixinStandardHelpOptions = true,
        subcommands = VmCommands.ListAll.class)
final class VmCommands {
    private static Table table(List<MachineView> machines) {
        Table table = Table.of(machines, VmCommands::row,
                "NAME", "HOST", "SITE", "CLOUD", "POWER", "PROTECTION", "CAN BE PROTECTED", "ID");
        Table why = Table.headed("NAME", "HOST", "CANNOT BE PROTECTED BECAUSE");
        machines.forEach(view -> view.readinessErrors().forEach(
                error -> why.row(view.machine().name(), view.host(), error.message())));
        return machines.stream().allMatch(view -> view.readinessErrors().isEmpty()) ? table : table.above(why);
    }

    private static List<?> row(MachineView view) {
        return List.of(view.machine().name(), view.host(), view.site(), view.cloud(), view.machine().power(),
                view.protectionStatus(), view.readinessErrors().isEmpty() ? "yes" : "no, see below",
                view.machine().id());
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
