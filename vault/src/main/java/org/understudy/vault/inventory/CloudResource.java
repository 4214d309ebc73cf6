package org.understudy.vault.inventory;

import java.util.List;
import org.understudy.api.CloudRequest;
import org.understudy.api.CloudView;
import org.understudy.api.Named;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.job.Agent;
import org.understudy.vault.job.Agents;
import org.understudy.vault.job.Stores;

/** REST of clouds. */
public final class CloudResource implements Resource {
    private final Stores stores;
    private final Agents agents;

    public CloudResource(Stores stores, Agents agents) {
        this.stores = stores;
        this.agents = agents;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/clouds", Role.READER, request -> stores.clouds().list().stream()
                .filter(cloud -> request.query("name").map(cloud.name()::equals).orElse(true))
                .map(this::view).toList());
        routes.get("/clouds/{cloud}", Role.READER, request -> view(stores.clouds().get(request.path("cloud"))));
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
        Cloud created = stores.database().transact(() -> {
            Cloud cloud = stores.clouds().create(name, stores.sites().get(asked.site()));
            for (String host : asked.hosts()) {
                Agent agent = agents.get(host);
                stores.clouds().add(cloud, agent.id(), agent.name());
            }
            return cloud;
        });
        return Answer.created(view(stores.clouds().get(created.id().toString())));
    }

    private Object addHost(Request request) {
        Cloud cloud = stores.clouds().get(request.path("cloud"));
        Agent host = agents.get(request.path("host"));
        request.concerns("cloud " + cloud.name() + ", host " + host.name());
        stores.clouds().add(cloud, host.id(), host.name());
        return view(stores.clouds().get(cloud.id().toString()));
    }

    private Object removeHost(Request request) {
        Cloud cloud = stores.clouds().get(request.path("cloud"));
        Agent host = agents.get(request.path("host"));
        request.concerns("cloud " + cloud.name() + ", host " + host.name());
        stores.clouds().remove(cloud, host.id(), host.name());
        return null;
    }

    private Object delete(Request request) {
        Cloud cloud = stores.clouds().get(request.path("cloud"));
        request.concerns("cloud " + cloud.name());
        stores.clouds().delete(cloud);
        return null;
    }

    private CloudView view(Cloud cloud) {
        Site site = stores.sites().get(cloud.site().toString());
        List<Agent> hosts = cloud.hosts().stream().map(agents::get).toList();
        return new CloudView(cloud.id(), cloud.name(), new Named<>(site.id(), site.name()),
                hosts.stream().map(Agent::named).toList());
    }
}
