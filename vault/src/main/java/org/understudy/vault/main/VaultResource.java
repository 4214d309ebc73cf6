package org.understudy.vault.main;

import io.helidon.http.Method;
import java.util.Map;
import java.util.function.Supplier;
import org.understudy.api.DatabaseView;
import org.understudy.api.VaultView;
import org.understudy.vault.access.VaultIdentity;
import org.understudy.vault.database.DatabaseFacts;
import org.understudy.vault.database.VaultDatabase;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;

/** {@code /health}, for whoever asks: it answers. {@code /vault}: what this vault is and keeps. */
final class VaultResource implements Resource {
    private final VaultIdentity identity;
    private final VaultDatabase database;
    private final Core core;
    private final Supplier<Features.Counts> counts;

    VaultResource(VaultIdentity identity, VaultDatabase database, Core core, Supplier<Features.Counts> counts) {
        this.identity = identity;
        this.database = database;
        this.core = core;
        this.counts = counts;
    }

    @Override
    public void routes(Routes routes) {
        routes.open(Method.GET, "/api/v1/health", request -> Map.of("status", "ok"));
        routes.get("/vault", Role.READER, request -> view());
    }

    private VaultView view() {
        DatabaseFacts facts = DatabaseFacts.of(core.database());
        Features.Counts kept = counts.get();
        return new VaultView(identity.id(), identity.name(), Main.version(), core.clock().instant(), kept.sites(),
                core.hosts().list().size(), kept.items(), core.jobs().countActive(),
                new DatabaseView(database.isEmbedded(), facts.serverVersion(), facts.fsync(),
                        facts.synchronousCommit(), facts.fullPageWrites()));
    }
}
