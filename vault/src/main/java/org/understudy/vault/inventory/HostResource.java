package org.understudy.vault.inventory;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.understudy.api.HostAnewView;
import org.understudy.api.HostSiteRequest;
import org.understudy.api.HostView;
import org.understudy.api.Named;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.name.Missing;
import org.understudy.workflow.sql.Database;

/** REST of hosts as parts of sites; a host comes by registering itself. */
public final class HostResource implements Resource {
    private final Database database;
    private final SiteStore sites;
    private final CloudStore clouds;
    private final Agents agents;
    private final Function<HostId, List<String>> itemsOn;

    /**
     * Over the tables of hosts and of what they belong to.
     *
     * @param itemsOn the names of the protected items that replicate from or to a host
     */
    public HostResource(Database database, SiteStore sites, CloudStore clouds, Agents agents,
            Function<HostId, List<String>> itemsOn) {
        this.database = database;
        this.sites = sites;
        this.clouds = clouds;
        this.agents = agents;
        this.itemsOn = itemsOn;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/hosts", Role.READER, Set.of("name"), request -> agents.all().stream()
                .filter(host -> request.query("name").map(host.name()::equals).orElse(true))
                .map(this::view).toList());
        routes.get("/hosts/{host}", Role.READER, request -> view(agents.named(request.path("host"))));
        routes.put("/hosts/{host}/site", Role.CONTRIBUTOR, "Assign a host to a site", this::assign);
        routes.post("/hosts/{host}/confirm", Role.ADMINISTRATOR, "Confirm a host that was set up anew", this::confirm);
        routes.delete("/hosts/{host}", Role.CONTRIBUTOR, "Delete a host", this::delete);
    }

    private Object assign(Request request) {
        Agent host = agents.named(request.path("host"));
        String site = request.body(HostSiteRequest.class).site();
        if (site == null) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "the site of host " + host.name() + " is missing");
        }
        request.concerns("host " + host.name() + ", site " + site);
        sites.assign(host.id(), host.name(), sites.named(site));
        return view(host);
    }

    /** From now on the others are told the address with which it came back. */
    private Object confirm(Request request) {
        Agent host = agents.named(request.path("host"));
        request.concerns("host " + host.name() + agents.anew(host).map(
                anew -> ", replication address %s:%d, before %s:%d".formatted(anew.replicationAddress(),
                        anew.replicationPort(), host.address(), host.port())).orElse(""));
        if (!agents.confirm(host)) {
            throw FailureException.of(FailureCode.STATE_FORBIDS,
                    "There is nothing to confirm: host " + host.name() + " was not set up anew.",
                    "See understudy host show " + host.name() + ".");
        }
        return view(agents.get(host.id()));
    }

    /** A host that items replicate from or to, or that is in a cloud, stays. */
    private Object delete(Request request) {
        Agent host = agents.named(request.path("host"));
        request.concerns("host " + host.name());
        database.transact(() -> {
            database.lock("host", host.id().value());
            Missing.users("protected item", itemsOn.apply(host.id())).ifPresent(users -> {
                throw Missing.used("host", host.name(), users);
            });
            clouds.of(host.id()).ifPresent(cloud -> {
                throw Missing.used("host", host.name(), "cloud " + cloud.name());
            });
            agents.delete(host);
        });
        return null;
    }

    private HostView view(Agent host) {
        return new HostView(host.id(), host.name(),
                sites.of(host.id()).map(site -> new Named<>(site.id(), site.name())),
                clouds.of(host.id()).map(cloud -> new Named<>(cloud.id(), cloud.name())),
                host.connected(), host.lastSeen(), host.address(), host.port(), host.version(), agents.facts(host.id()),
                agents.anew(host).map(anew -> new HostAnewView(
                        anew.at(), anew.peer(), anew.replicationAddress(), anew.replicationPort())));
    }
}
