package org.understudy.vault.main;

import org.understudy.vault.access.RegistrationKeyResource;
import org.understudy.vault.fleet.Host;
import org.understudy.vault.fleet.HostStore;
import org.understudy.vault.inventory.Site;
import org.understudy.vault.inventory.SiteStore;

/** Sites and hosts, for who makes registration keys. */
record KeyPlaces(SiteStore sites, HostStore hosts) implements RegistrationKeyResource.Places {
    @Override
    public String site(String nameOrId) {
        return sites.named(nameOrId).name();
    }

    @Override
    public RegistrationKeyResource.Place host(String nameOrId) {
        Host host = hosts.named(nameOrId);
        return new RegistrationKeyResource.Place(host.id(), host.name(), sites.of(host.id()).map(Site::name));
    }
}
