package org.understudy.vault.inventory;
import java.util.List;
import java.util.Set;
import org.understudy.api.CloudRequest;
import org.understudy.api.CloudView;
import org.understudy.api.Named;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.name.ObjectName;
import org.understudy.workflow.sql.Database;

/** REST of clouds. */
public final class CloudResource implements Resource {
    private final Database database;
    private final CloudStore clouds;
    private final SiteStore sites;
    private final Agents agents;

    public CloudResource(Database database, CloudStore clouds, SiteStore sites, Agents agents) {
        this.database = database;
        this.clouds = clouds;
        this.sites = sites;
        this.agents = agents;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/clouds", Role.READER, Set.of("name"), request -> clouds.list().stream()
                .filter(cloud -> request.query("name").map(cloud.name()::equals).orElse(true))
                .map(this::view).toList());
        routes.get("/clouds/{cloud}", Role.READER, request -> view(clouds.named(request.path("cloud"))));
        routes.post("/clouds", Role.CONTRIBUTOR, "Create a cloud", this::create);
        routes.put("/clouds/{cloud}/hosts/{host}", Role.CONTRIBUTOR, "Add a host to a cloud", this::addHost);
        routes.delete("/clouds/{cloud}/hosts/{host}", Role.CONTRIBUTOR, "Remove a host from a cloud",
                this::removeHost);
        routes.delete("/clouds/{cloud}", Role.CONTRIBUTOR, "Delete a cloud", this::delete);
    }

    private Object create(Request request) {
        CloudRequest asked = request.body(CloudRequest.class);
        ObjectName name = new ObjectName(asked.name());
        request.concerns("cloud " + name);
        if (asked.site() == null) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "the site of cloud " + name + " is missing");
        }
        Cloud created = database.transact(() -> {
            Cloud cloud = clouds.create(name, sites.named(asked.site()));
            for (String host : asked.hosts()) {
                Agent agent = agents.named(host);
                clouds.add(cloud, agent.id(), agent.name());
            }
            return cloud;
        });
        return Answer.created(view(clouds.get(created.id())));
    }

    private Object addHost(Request request) {
        Cloud cloud = clouds.named(request.path("cloud"));
        Agent host = agents.named(request.path("host"));
        request.concerns("cloud " + cloud.name() + ", host " + host.name());
        clouds.add(cloud, host.id(), host.name());
        return view(clouds.get(cloud.id()));
    }

    private Object removeHost(Request request) {
        Cloud cloud = clouds.named(request.path("cloud"));
        Agent host = agents.named(request.path("host"));
        request.concerns("cloud " + cloud.name() + ", host " + host.name());
        clouds.remove(cloud, host.id(), host.name());
        return null;
    }

    private Object delete(Request request) {
        Cloud cloud = clouds.named(request.path("cloud"));
        request.concerns("cloud " + cloud.name());
        clouds.delete(cloud);
        return null;
    }

    private CloudView view(Cloud cloud) {
        Site site = sites.get(cloud.site());
        List<Agent> hosts = cloud.hosts().stream().map(agents::get).toList();
        return new CloudView(cloud.id(), cloud.name(), new Named<>(site.id(), site.name()),
                hosts.stream().map(Agent::named).toList());
    }
}
