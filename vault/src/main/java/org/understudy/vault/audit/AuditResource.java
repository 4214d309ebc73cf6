package org.understudy.vault.audit;

import java.util.Set;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;

/**
 * {@code GET /audit?limit=n&before=id}: the newest records, 100 unless told, 1000 at most; those before a record that
 * was got, for the next page.
 */
public final class AuditResource implements Resource {
    private final AuditStore store;

    public AuditResource(AuditStore store) {
        this.store = store;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/audit", Role.READER, Set.of("limit", "before"), this::list);
    }

    private Object list(Request request) {
        return store.newest(request.number("limit", 1, 1000).orElse(100L).intValue(),
                request.number("before", 1, Long.MAX_VALUE));
    }
}
