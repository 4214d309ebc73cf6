package org.understudy.vault.protection;

import java.util.List;
import org.understudy.api.DisableRequest;
import org.understudy.api.ProtectRequest;
import org.understudy.api.RecoveryPointView;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.job.ItemJobs;
import org.understudy.vault.job.JobViews;
import org.understudy.vault.job.Stores;

/** REST of protected items: to see them, to begin and to end protection, to make replication go on. */
public final class ItemResource implements Resource {
    private final Stores stores;
    private final ItemViews views;
    private final ProtectionRequests requests;
    private final ItemJobs types;

    public ItemResource(Stores stores, ItemViews views, ProtectionRequests requests, ItemJobs types) {
        this.stores = stores;
        this.views = views;
        this.requests = requests;
        this.types = types;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/items", Role.READER, request -> stores.items().list().stream()
                .filter(item -> request.query("name").map(item.name()::equals).orElse(true))
                .map(views::of).toList());
        routes.get("/items/{item}", Role.READER, request -> views.of(item(request)));
        routes.get("/items/{item}/points", Role.READER, request -> stores.progress().of(item(request).id()).target()
                .map(TargetProgress::points).orElse(List.of()).stream().map(RecoveryPointView::of).toList());
        routes.post("/items", Role.CONTRIBUTOR, EnableProtectionJob.NAME, this::protect);
        routes.post("/items/{item}/resume", Role.OPERATOR, ResumeReplicationJob.NAME, this::resume);
        routes.post("/items/{item}/disable", Role.CONTRIBUTOR, DisableProtectionJob.NAME, this::disable);
    }

    private Object protect(Request request) {
        ProtectRequest asked = request.body(ProtectRequest.class);
        request.concerns("virtual machine " + asked.machine());
        if (request.flag("dryRun")) {
            return requests.protectDryRun(asked);
        }
        return Answer.accepted(JobViews.of(requests.protect(
                new ProtectionRequests.Asked<>(asked, request.caller().name()), types.enable())));
    }

    private Object resume(Request request) {
        ProtectedItem item = item(request);
        request.concerns("item " + item.name());
        return Answer.accepted(JobViews.of(
                requests.resume(item, request.caller().name(), types.resume())));
    }

    private Object disable(Request request) {
        ProtectedItem item = item(request);
        request.concerns("item " + item.name());
        DisableRequest asked = request.body(DisableRequest.class);
        if (request.flag("dryRun")) {
            return requests.disableDryRun(item, asked);
        }
        return Answer.accepted(JobViews.of(requests.disable(
                item, new ProtectionRequests.Asked<>(asked, request.caller().name()), types.disable())));
    }

    private ProtectedItem item(Request request) {
        return stores.items().get(request.path("item"));
    }
}
