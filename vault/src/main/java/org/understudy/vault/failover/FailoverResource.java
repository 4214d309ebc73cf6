package org.understudy.vault.failover;

import org.understudy.api.CleanupRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.TestFailoverRequest;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectedItemStore;
import org.understudy.vault.job.JobViews;
import org.understudy.workflow.Job;

/** REST of test failover, failover and commit. */
public final class FailoverResource implements Resource {
    private final ProtectedItemStore items;
    private final FailoverRequests requests;

    public FailoverResource(ProtectedItemStore items, FailoverRequests requests) {
        this.items = items;
        this.requests = requests;
    }

    @Override
    public void routes(Routes routes) {
        routes.rehearsable("/items/{item}/test-failover", Role.OPERATOR, TestFailoverJob.NAME,
                request -> requests.testDryRun(item(request), request.body(TestFailoverRequest.class)), this::test);
        routes.post("/items/{item}/test-failover/cleanup", Role.OPERATOR, CleanupTestFailoverJob.NAME, request -> {
            ProtectedItem item = item(request);
            CleanupRequest asked = request.body(CleanupRequest.class);
            asked.notes().ifPresent(notes -> request.concerns("item " + item.name() + ", notes: " + notes));
            return accepted(requests.cleanUp(item, asked(request, asked)));
        });
        routes.rehearsable("/items/{item}/failover", Role.OPERATOR, FailoverJob.NAME,
                request -> requests.failOverDryRun(item(request), request.body(FailoverRequest.class)),
                this::failOver);
        routes.post("/items/{item}/failover/abandon", Role.OPERATOR, AbandonFailoverJob.NAME, request ->
                accepted(requests.abandon(item(request), request.caller().name())));
        routes.post("/items/{item}/commit", Role.OPERATOR, CommitJob.NAME, request ->
                accepted(requests.commit(item(request), request.caller().name())));
    }

    private Object test(Request request) {
        ProtectedItem item = item(request);
        TestFailoverRequest asked = request.body(TestFailoverRequest.class);
        if (asked.force().orElse(false)) {
            request.concerns("item " + item.name() + ", forced: " + asked.reason().orElse("without a reason"));
        }
        return accepted(requests.test(item, asked(request, asked)));
    }

    private Object failOver(Request request) {
        ProtectedItem item = item(request);
        FailoverRequest asked = request.body(FailoverRequest.class);
        if (asked.force().orElse(false)) {
            request.concerns("item " + item.name() + ", forced: " + asked.reason().orElse("without a reason"));
        }
        return accepted(requests.failOver(item, asked(request, asked)));
    }

    private ProtectedItem item(Request request) {
        ProtectedItem item = items.named(request.path("item"));
        request.concerns("item " + item.name());
        return item;
    }

    private static <T> Asked<T> asked(Request request, T body) {
        return new Asked<>(body, request.caller().name());
    }

    private static Answer accepted(Job job) {
        return Answer.accepted(JobViews.of(job));
    }
}
