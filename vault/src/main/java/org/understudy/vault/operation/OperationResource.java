package org.understudy.vault.operation;

import java.util.List;
import java.util.function.Supplier;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Endpoint;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Routes;
import org.understudy.vault.item.Asked;
import org.understudy.vault.item.ProtectedItem;
import org.understudy.vault.item.ProtectedItemStore;
import org.understudy.vault.job.JobViews;
import org.understudy.workflow.Job;

/** REST of all operations on items: {@code POST /items/{item}/…}, each with a dry run. */
public final class OperationResource implements Resource {
    private final ProtectedItemStore items;
    private final OperationDesk desk;
    private final List<ItemOperation<?, ?>> operations;

    public OperationResource(ProtectedItemStore items, OperationDesk desk, List<ItemOperation<?, ?>> operations) {
        this.items = items;
        this.desk = desk;
        this.operations = List.copyOf(operations);
    }

    @Override
    public void routes(Routes routes) {
        operations.forEach(operation -> route(routes, operation));
    }

    private <Q, I> void route(Routes routes, ItemOperation<Q, I> operation) {
        Offer<Q> offer = operation.offer();
        routes.rehearsableAsking("/items/{item}/" + offer.operation().path(), offer.role(), operation.job().name(),
                request -> desk.rehearse(operation, item(request), asked(operation, request)),
                request -> prepare(operation, request));
    }

    private <Q, I> Endpoint prepare(ItemOperation<Q, I> operation, Request request) {
        ProtectedItem item = item(request);
        Asked<Q> asked = asked(operation, request);
        operation.audited(asked.request()).ifPresent(words ->
                request.concerns("item " + item.name() + ", " + words));
        Supplier<Job> begin = desk.prepare(operation, item, asked);
        return _ -> Answer.accepted(JobViews.of(begin.get()));
    }

    private ProtectedItem item(Request request) {
        ProtectedItem item = items.named(request.path("item"));
        request.concerns("item " + item.name());
        return item;
    }

    private static <Q> Asked<Q> asked(ItemOperation<Q, ?> operation, Request request) {
        Class<Q> kind = operation.offer().request();
        Q body = kind == NothingAsked.class ? kind.cast(new NothingAsked()) : request.body(kind);
        return new Asked<>(body, request.caller().name());
    }
}
