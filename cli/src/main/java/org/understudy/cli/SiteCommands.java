package org.understudy.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.understudy.api.SiteView;
import org.understudy.api.VaultClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code site}: the sites of the vault. */
@Command(name = "site", description = "Sites: the hosts that fail together.", mixinStandardHelpOptions = true,
        subcommands = {SiteCommands.Create.class, SiteCommands.ListAll.class, SiteCommands.Show.class,
            SiteCommands.Delete.class})
final class SiteCommands {
    private static Table table(List<SiteView> sites) {
        return Table.of(sites, site -> List.of(site.name(), site.hosts(), site.id()), "NAME", "HOSTS", "ID");
    }

    /** {@code site create}. */
    @Command(name = "create", description = "Make a site.", sortOptions = false)
    static final class Create implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "SITE", description = "its name")
        private String name;

        @Override
        public Integer call() {
            return invocation.show(client -> client.createSite(name), one -> table(List.of(one)));
        }
    }

    /** {@code site list}. */
    @Command(name = "list", description = "List the sites.", sortOptions = false)
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private Invocation invocation;

        @Override
        public Integer call() {
            return invocation.show(VaultClient::sites, SiteCommands::table);
        }
    }

    /** {@code site show}. */
    @Command(name = "show", description = "Show a site.", sortOptions = false)
    static final class Show implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Parameters(paramLabel = "SITE", description = "name or id")
        private String name;

        @Override
        public Integer call() {
            return invocation.show(client -> client.site(name), one -> table(List.of(one)));
        }
    }

    /** {@code site delete}. */
    @Command(name = "delete", description = "Delete a site.", sortOptions = false)
    static final class Delete implements Callable<Integer> {
        @Mixin
        private Invocation invocation;
        @Mixin
        private Confirmation confirmation;
        @Parameters(paramLabel = "SITE", description = "name or id")
        private String name;

        @Override
        public Integer call() {
            if (confirmation.isDryRun()) {
                return invocation.done(client -> client.site(name), "would delete site", name);
            }
            confirmation.require(invocation, "site " + name + " will be deleted");
            return invocation.done(client -> client.deleteSite(name), "deleted site", name);
        }
    }
}
