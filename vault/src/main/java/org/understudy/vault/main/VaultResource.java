package org.understudy.vault.main;

import io.helidon.http.Method;
import java.time.Clock;
import java.util.Map;
import org.understudy.api.DatabaseView;
import org.understudy.api.VaultView;
import org.understudy.vault.access.VaultIdentity;
import org.understudy.vault.database.DatabaseFacts;
import org.understudy.vault.database.VaultDatabase;
import org.understudy.vault.fleet.HostStore;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.job.Stores;
import org.understudy.workflow.Jobs;

/** {@code /health}, for whoever asks: it answers. {@code /vault}: what this vault is and keeps. */
final class VaultResource implements Resource {
    private final VaultIdentity identity;
    private final VaultDatabase database;
    private final Stores stores;
    private final HostStore hosts;
    private final Jobs jobs;
    private final Clock clock;

    VaultResource(VaultIdentity identity, VaultDatabase database, Stores stores, HostStore hosts, Jobs jobs,
            Clock clock) {
        this.identity = identity;
        this.database = database;
        this.stores = stores;
        this.hosts = hosts;
        this.jobs = jobs;
        this.clock = clock;
    }

    @Override
    public void routes(Routes routes) {
        routes.open(Method.GET, "/api/v1/health", request -> Map.of("status", "ok"));
        routes.get("/vault", Role.READER, request -> view());
    }

    private VaultView view() {
        DatabaseFacts facts = DatabaseFacts.of(stores.database());
        return new VaultView(identity.id(), identity.name(), Main.version(), clock.instant(), stores.sites().count(),
                hosts.list().size(), stores.items().count(), jobs.countActive(),
                new DatabaseView(database.isEmbedded(), facts.serverVersion(), facts.fsync(),
                        facts.synchronousCommit(), facts.fullPageWrites()));
    }
}
