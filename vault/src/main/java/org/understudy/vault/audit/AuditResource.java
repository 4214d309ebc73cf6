package org.understudy.vault.audit;

import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;

/** {@code GET /audit?limit=n}: the newest records, 100 unless told, 1000 at most. */
public final class AuditResource implements Resource {
    private final AuditStore store;

    public AuditResource(AuditStore store) {
        this.store = store;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/audit", Role.READER, this::list);
    }

    private Object list(Request request) {
        return store.newest(request.query("limit", AuditResource::limit).orElse(100));
    }

    private static int limit(String text) {
        int limit = Integer.parseInt(text);
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("it is 1 to 1000");
        }
        return limit;
    }
}
