package org.understudy.vault.main;

import io.helidon.http.Method;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.understudy.api.DatabaseView;
import org.understudy.api.VaultView;
import org.understudy.vault.access.VaultIdentity;
import org.understudy.vault.database.DatabaseFacts;
import org.understudy.vault.database.VaultDatabase;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;

/**
 * {@code /health}, for whoever asks: it answers. {@code /ready}: it can do its work, or why not. {@code /vault}: what
 * this vault is and keeps.
 */
final class VaultResource implements Resource {
    private final VaultIdentity identity;
    private final VaultDatabase database;
    private final Supplier<Counts> counts;
    private final Clock clock;
    private final Readiness readiness;

    /** How many there are of what a vault keeps. */
    record Counts(int sites, int hosts, int items, int activeJobs) {}

    VaultResource(VaultIdentity identity, VaultDatabase database, Supplier<Counts> counts, Clock clock,
            Readiness readiness) {
        this.identity = identity;
        this.database = database;
        this.counts = counts;
        this.clock = clock;
        this.readiness = readiness;
    }

    @Override
    public void routes(Routes routes) {
        routes.open(Method.GET, "/api/v1/health", "Look", Set.of(), request -> Map.of("status", "ok"));
        routes.open(Method.GET, "/api/v1/ready", "Look", Set.of(), request -> readiness.trouble()
                .map(trouble -> Answer.of(503, Map.of("status", "not ready", "reason", trouble)))
                .orElseGet(() -> Answer.of(200, Map.of("status", "ready"))));
        routes.get("/vault", Role.READER, request -> view());
    }

    private VaultView view() {
        DatabaseFacts facts = DatabaseFacts.of(database.database());
        Counts kept = counts.get();
        return new VaultView(identity.id(), identity.name(), Main.version(), clock.instant(), kept.sites(),
                kept.hosts(), kept.items(), kept.activeJobs(),
                new DatabaseView(database.isEmbedded(), facts.serverVersion(), facts.fsync(),
                        facts.synchronousCommit(), facts.fullPageWrites()));
    }
}
