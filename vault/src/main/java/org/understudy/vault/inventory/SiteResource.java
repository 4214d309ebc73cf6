package org.understudy.vault.inventory;
import java.util.Set;
import org.understudy.api.SiteRequest;
import org.understudy.api.SiteView;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.name.ObjectName;

/** REST of sites. */
public final class SiteResource implements Resource {
    private final SiteStore sites;
    private final Agents agents;

    public SiteResource(SiteStore sites, Agents agents) {
        this.sites = sites;
        this.agents = agents;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/sites", Role.READER, Set.of("name"), request -> sites.list().stream()
                .filter(site -> request.query("name").map(site.name()::equals).orElse(true))
                .map(this::view).toList());
        routes.get("/sites/{site}", Role.READER, request -> view(sites.named(request.path("site"))));
        routes.post("/sites", Role.CONTRIBUTOR, "Create a site", this::create);
        routes.delete("/sites/{site}", Role.CONTRIBUTOR, "Delete a site", this::delete);
    }

    private Object create(Request request) {
        ObjectName name = new ObjectName(request.body(SiteRequest.class).name());
        request.concerns("site " + name);
        return Answer.created(view(sites.create(name)));
    }

    private Object delete(Request request) {
        Site site = sites.named(request.path("site"));
        request.concerns("site " + site.name());
        sites.delete(site);
        return null;
    }

    private SiteView view(Site site) {
        return new SiteView(site.id(), site.name(),
                sites.hosts(site.id()).stream().map(agents::get).map(Agent::named).toList());
    }
}
