package org.understudy.vault.network;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.understudy.api.Named;
import org.understudy.api.NetworkMappingRequest;
import org.understudy.api.NetworkMappingView;
import org.understudy.api.NetworkView;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.NetworkKind;
import org.understudy.model.NetworkMappingId;
import org.understudy.model.SiteId;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.inventory.InventoryStore;
import org.understudy.vault.inventory.ReportedNetwork;
import org.understudy.vault.inventory.Site;
import org.understudy.vault.inventory.SiteStore;
import org.understudy.vault.name.Missing;

/** REST of networks and their mappings. */
public final class NetworkResource implements Resource {
    /** Networks that agents make for tests and remove with them: nobody maps to one. */
    private static final String OF_A_TEST = "understudy-test-";

    private final SiteStore sites;
    private final InventoryStore inventory;
    private final NetworkMappingStore mappings;
    private final Agents agents;

    public NetworkResource(
            SiteStore sites, InventoryStore inventory, NetworkMappingStore mappings, Agents agents) {
        this.sites = sites;
        this.inventory = inventory;
        this.mappings = mappings;
        this.agents = agents;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/networks", Role.READER, Set.of("site", "name"), this::networks);
        routes.get("/network-mappings", Role.READER, request ->
                mappings.list().stream().map(this::view).toList());
        routes.post("/network-mappings", Role.CONTRIBUTOR, "Map networks", this::map);
        routes.delete("/network-mappings/{mapping}", Role.CONTRIBUTOR, "Delete a network mapping", request -> {
            mappings.delete(request.path("mapping", NetworkMappingId::parse));
            return null;
        });
    }

    private Object networks(Request request) {
        Optional<Site> only = request.query("site").map(sites::named);
        return only.map(List::of).orElseGet(sites::list).stream().flatMap(this::networks)
                .filter(network -> request.query("name").map(network.name()::equals).orElse(true)).toList();
    }

    /** Networks of one name on the hosts of a site are one; its definition is that of the first host by name. */
    private Stream<NetworkView> networks(Site site) {
        List<Agent> hosts = sites.hosts(site.id()).stream().map(agents::get).toList();
        Map<String, List<ReportedNetwork>> byName = new LinkedHashMap<>();
        for (ReportedNetwork reported : inventory.networks()) {
            boolean ofATest = reported.network().name().startsWith(OF_A_TEST);
            if (!ofATest && hosts.stream().anyMatch(host -> host.id().equals(reported.host()))) {
                byName.computeIfAbsent(reported.network().name(), name -> new ArrayList<>()).add(reported);
            }
        }
        return byName.values().stream().map(reports -> new NetworkView(
                named(site), reports.getFirst().network().name(),
                reports.stream().anyMatch(report -> report.network().active()),
                reports.getFirst().network().subnets(),
                reports.stream().map(report -> agents.get(report.host()).named()).toList()));
    }

    private Object map(Request request) {
        NetworkMappingRequest asked = request.body(NetworkMappingRequest.class);
        if (Stream.of(asked.sourceSite(), asked.sourceNetwork(), asked.targetSite(), asked.targetNetwork())
                .anyMatch(word -> word == null || word.isBlank())) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "a network mapping needs a site and a network at both ends");
        }
        Site source = sites.named(asked.sourceSite());
        Site target = sites.named(asked.targetSite());
        request.concerns("network " + asked.sourceNetwork() + " of " + source.name() + " to "
                + asked.targetNetwork() + " of " + target.name());
        return Answer.created(view(mappings.map(source.id(), network(source, asked.sourceNetwork()),
                target.id(), network(target, asked.targetNetwork()))));
    }

    /** The network of that name; a bridge may be meant by its own name when no network of libvirt has it. */
    private String network(Site site, String meant) {
        List<String> known = networks(site).map(NetworkView::name).toList();
        if (known.contains(meant)) {
            return meant;
        }
        List<String> bridges = known.stream().filter(name -> NetworkKind.own(name).equals(meant)).toList();
        if (bridges.size() != 1) {
            throw Missing.none("network of site " + site.name(), meant);
        }
        return bridges.getFirst();
    }

    private NetworkMappingView view(NetworkMapping mapping) {
        return new NetworkMappingView(mapping.id(), site(mapping.sourceSite()), mapping.sourceNetwork(),
                site(mapping.targetSite()), mapping.targetNetwork());
    }

    private Named<SiteId> site(SiteId id) {
        return named(sites.get(id));
    }

    private static Named<SiteId> named(Site site) {
        return new Named<>(site.id(), site.name());
    }
}
