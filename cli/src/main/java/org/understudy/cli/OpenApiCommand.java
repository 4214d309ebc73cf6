package org.understudy.cli;

import java.util.concurrent.Callable;
import org.understudy.api.VaultClient;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code openapi}: the document of the vault's REST interface, as it is. */
@Command(name = "openapi", description = "Print the OpenAPI document of the vault's REST interface.",
        sortOptions = false)
final class OpenApiCommand implements Callable<Integer> {
    @Mixin
    private Invocation invocation;

    @Override
    public Integer call() {
        try (VaultClient client = invocation.client()) {
            invocation.out().print(client.openApi());
            invocation.out().flush();
        }
        return CommandLine.ExitCode.OK;
    }
}
