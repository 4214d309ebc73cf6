package org.understudy.vault.access;

import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;

/** {@code /tokens}: access for people and programs, granted by an administrator (V-11). */
public final class TokenResource implements Resource {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");

    private final TokenStore store;

    public TokenResource(TokenStore store) {
        this.store = store;
    }

    /** Asks for a token. */
    public record TokenRequest(String name, Role role) {
        public TokenRequest {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(role, "role");
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "\"" + name + "\" is no name of a token: 1 to 64 letters, digits and . _ @ -");
            }
        }
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/tokens", Role.ADMINISTRATOR, request -> store.list());
        routes.post("/tokens", Role.ADMINISTRATOR, "Create token", this::create);
        routes.delete("/tokens/{name}", Role.ADMINISTRATOR, "Delete token", request -> {
            request.concerns(request.path("name"));
            store.delete(request.path("name"));
            return null;
        });
    }

    private Object create(Request request) {
        TokenRequest asked = request.body(TokenRequest.class);
        request.concerns(asked.name() + " (" + asked.role() + ")");
        String token = store.create(asked.name(), asked.role(), request.caller().name());
        return Answer.created(Map.of("name", asked.name(), "role", asked.role(), "token", token));
    }
}
