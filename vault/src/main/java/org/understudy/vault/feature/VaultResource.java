package org.understudy.vault.feature;

import java.util.Optional;
import org.understudy.api.VaultView;
import org.understudy.vault.access.VaultIdentity;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.job.ItemSteps;
import org.understudy.workflow.Jobs;

/** REST of the vault as a whole. */
final class VaultResource implements Resource {
    private final VaultIdentity vault;
    private final ItemSteps steps;
    private final Jobs jobs;

    VaultResource(VaultIdentity vault, ItemSteps steps, Jobs jobs) {
        this.vault = vault;
        this.steps = steps;
        this.jobs = jobs;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/vault", Role.READER, request -> new VaultView(vault.id(), vault.name(), version(),
                steps.clock().instant(), steps.stores().sites().count(), steps.agents().all().size(),
                steps.stores().items().count(), jobs.countActive()));
    }

    private static String version() {
        return Optional.ofNullable(VaultResource.class.getPackage().getImplementationVersion()).orElse("0.1.0");
    }
}
