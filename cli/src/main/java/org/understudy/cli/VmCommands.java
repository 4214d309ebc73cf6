package org.understudy.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.MachineView;
import org.understudy.api.ReadinessError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vm}: what can be protected. */
@Command(name = "vm", description = "Virtual machines that hosts reported.", mixinStandardHelpOptions = true,
        subcommands = VmCommands.ListAll.class)
final class VmCommands {
    private static Table table(List<MachineView> machines) {
        return Table.of(machines, VmCommands::row,
                "NAME", "HOST", "SITE", "CLOUD", "POWER", "PROTECTION", "CANNOT BE PROTECTED BECAUSE", "ID");
    }

    private static List<?> row(MachineView view) {
        return List.of(view.machine().name(), view.host(), view.site(), view.cloud(), view.machine().power(),
                view.protectionStatus(), view.readinessErrors().stream().map(ReadinessError::message).toList(),
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
