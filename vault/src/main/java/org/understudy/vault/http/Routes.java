package org.understudy.vault.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * Where features hang their endpoints: each with the role it takes, and, where it changes something, the words by which
 * the audit calls that. Paths of {@code get}, {@code post}, {@code put} and {@code delete} lie below {@code /api/v1}.
 */
public final class Routes {
    private static final String BEARER = "Bearer ";

    private final HttpRules rules;
    private final Authentication authentication;
    private final AuditTrail audit;
    private final ErrorMapping errors;

    Routes(HttpRules rules, Authentication authentication, AuditTrail audit, ErrorMapping errors) {
        this.rules = rules;
        this.authentication = authentication;
        this.audit = audit;
        this.errors = errors;
    }

    /** Answers {@code GET}; changes nothing and is not audited. */
    public void get(String path, Role role, Endpoint endpoint) {
        rules.get("/api/v1" + path, handler(request -> withCaller(request, role), endpoint));
    }

    /** Answers {@code POST}; {@code action} as in "Create site". */
    public void post(String path, Role role, String action, Endpoint endpoint) {
        change(Method.POST, path, role, action, endpoint);
    }

    /** Answers {@code PUT}. */
    public void put(String path, Role role, String action, Endpoint endpoint) {
        change(Method.PUT, path, role, action, endpoint);
    }

    /** Answers {@code DELETE}. */
    public void delete(String path, Role role, String action, Endpoint endpoint) {
        change(Method.DELETE, path, role, action, endpoint);
    }

    /** Answers at a whole path whoever asks: the endpoint itself sees to who that is. */
    public void open(Method method, String wholePath, Endpoint endpoint) {
        rules.route(method, wholePath, handler(request -> new Request(request, Optional.empty()), endpoint));
    }

    private void change(Method method, String path, Role role, String action, Endpoint endpoint) {
        rules.route(method, "/api/v1" + path, handler(request -> withCaller(request, role, action), request -> {
            Object answer;
            try {
                answer = endpoint.answer(request);
            } catch (FailureException e) {
                record(request, action, e.failure().code().name(), Optional.of(e.failure().message()));
                throw e;
            }
            if (!request.flag("dryRun")) {
                record(request, action, "done", Optional.empty());
            }
            return answer;
        }));
    }

    private void record(Request request, String action, String outcome, Optional<String> details) {
        audit.record(new AuditTrail.Entry(
                request.caller().name(), action, Optional.of(request.subject()), outcome, details));
    }

    private interface Admission {
        Request admit(ServerRequest request);
    }

    private Handler handler(Admission admission, Endpoint endpoint) {
        return (request, response) -> {
            Answer answer;
            try {
                answer = Answer.from(endpoint.answer(admission.admit(request)));
            } catch (CloseConnectionException | UncheckedIOException e) {
                // The client is gone: nobody to answer.
                throw e;
            } catch (RuntimeException e) {
                Failure failure = errors.failure(e,
                        request.prologue().method() + " " + request.prologue().uriPath().path());
                answer = ErrorMapping.answer(failure);
            }
            send(response, answer);
        };
    }

    static void send(ServerResponse response, Answer answer) {
        response.status(answer.status());
        if (answer.body().length == 0) {
            response.send();
        } else {
            response.header(HeaderNames.CONTENT_TYPE, answer.mediaType());
            response.header(HeaderNames.CACHE_CONTROL, "no-store");
            response.send(answer.body());
        }
    }

    private Request withCaller(ServerRequest request, Role role, String action) {
        Request admitted = withCaller(request, Role.READER);
        if (!admitted.caller().role().allows(role)) {
            FailureException refused = notPermitted(admitted.caller(), role);
            record(admitted, action, refused.failure().code().name(), Optional.empty());
            throw refused;
        }
        return admitted;
    }

    private Request withCaller(ServerRequest request, Role role) {
        String header = request.headers().first(HeaderNames.AUTHORIZATION).orElseThrow(() -> FailureException.of(
                FailureCode.NOT_AUTHENTICATED, "the request has no token (header Authorization: Bearer …)"));
        Caller caller = Optional.of(header)
                .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .flatMap(value -> authentication.caller(value.substring(BEARER.length()).strip()))
                .orElseThrow(() -> FailureException.of(
                        FailureCode.NOT_AUTHENTICATED, "the request's token is none of this vault"));
        if (!caller.role().allows(role)) {
            throw notPermitted(caller, role);
        }
        return new Request(request, Optional.of(caller));
    }

    private static FailureException notPermitted(Caller caller, Role role) {
        return FailureException.of(FailureCode.NOT_PERMITTED, "this takes the role %s; the token \"%s\" has %s"
                .formatted(word(role), caller.name(), word(caller.role())));
    }

    private static String word(Role role) {
        return role.name().charAt(0) + role.name().substring(1).toLowerCase(Locale.ROOT);
    }
}
