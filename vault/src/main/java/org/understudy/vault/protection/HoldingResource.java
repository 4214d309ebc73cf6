package org.understudy.vault.protection;

import java.util.Optional;
import org.understudy.api.RemoveHoldingRequest;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.vault.fleet.Agent;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.job.JobViews;

/** REST of what hosts keep of replicas. */
public final class HoldingResource implements Resource {
    private final Agents agents;
    private final Holdings holdings;

    public HoldingResource(Agents agents, Holdings holdings) {
        this.agents = agents;
        this.holdings = holdings;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/hosts/{host}/holdings", Role.READER, request -> holdings.on(host(request)));
        routes.rehearsable("/hosts/{host}/holdings/{item}/remove", Role.CONTRIBUTOR, RemoveHoldingJob.NAME,
                request -> holdings.removeDryRun(host(request), item(request), letGo(request)), this::remove);
    }

    private Object remove(Request request) {
        Agent host = host(request);
        ItemId item = item(request);
        request.concerns("item " + item + " on host " + host.name());
        return Answer.accepted(JobViews.of(holdings.remove(host, item, letGo(request), request.caller().name())));
    }

    private static Optional<LogPosition> letGo(Request request) {
        return Optional.ofNullable(request.body(RemoveHoldingRequest.class).letGo()).flatMap(it -> it)
                .map(words -> Request.parsed("letGo", words, LogPosition::parse));
    }

    private Agent host(Request request) {
        return agents.named(request.path("host"));
    }

    private static ItemId item(Request request) {
        return request.path("item", ItemId::parse);
    }
}
