package org.understudy.vault.protection;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.understudy.api.ProtectRequest;
import org.understudy.api.RecoveryPointView;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.command.PointsHeld;
import org.understudy.model.LogPosition;
import org.understudy.vault.fleet.Agents;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.ProgressStore;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectedItemStore;
import org.understudy.vault.item.TestFailoverStore;
import org.understudy.vault.job.JobViews;

/** REST of protected items: to see them, and to begin protection. */
public final class ItemResource implements Resource {
    private static final long POINTS_USUAL = 1000;

    private final ProtectedItemStore items;
    private final Agents agents;
    private final TestFailoverStore tests;
    private final ProgressStore progress;
    private final ItemViews views;
    private final ProtectionRequests requests;

    public ItemResource(
            ProtectedItemStore items, Agents agents, TestFailoverStore tests, ProgressStore progress,
            ItemViews views, ProtectionRequests requests) {
        this.items = items;
        this.agents = agents;
        this.tests = tests;
        this.progress = progress;
        this.views = views;
        this.requests = requests;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/items", Role.READER, Set.of("name"), request -> items.list().stream()
                .filter(item -> request.query("name").map(item.name()::equals).orElse(true))
                .map(views::of).toList());
        routes.get("/items/{item}", Role.READER, request -> views.of(item(request)));
        routes.get("/items/{item}/points", Role.READER, Set.of("limit", "from"), this::points);
        routes.get("/items/{item}/tests", Role.READER, request -> tests.ended(item(request).id()));
        routes.rehearsable("/items", Role.CONTRIBUTOR, EnableProtectionJob.NAME,
                request -> requests.protectDryRun(request.body(ProtectRequest.class)), this::protect);
    }

    /** As the target has them now; its agent is asked, unless it said that there are none. */
    private Object points(Request request) {
        ProtectedItem item = item(request);
        int limit = request.number("limit", 1, AgentCommand.ListPoints.LIMIT_MAX).orElse(POINTS_USUAL).intValue();
        Optional<LogPosition> from = request.query("from", LogPosition::parse);
        Optional<PointsHeld> held = progress.of(item.id()).target().map(TargetProgress::held)
                .filter(told -> told.count() > 0);
        return held.isEmpty() ? List.of()
                : agents.points(agents.get(item.route().target()), item.relationship(), from, limit).stream()
                        .map(point -> RecoveryPointView.of(point, held.get().kept(point.position()).isPresent()))
                        .toList();
    }

    private Object protect(Request request) {
        ProtectRequest asked = request.body(ProtectRequest.class);
        request.concerns("virtual machine " + asked.machine());
        return Answer.accepted(JobViews.of(requests.protect(
                new Asked<>(asked, request.caller().name()))));
    }

    private ProtectedItem item(Request request) {
        return items.named(request.path("item"));
    }
}
