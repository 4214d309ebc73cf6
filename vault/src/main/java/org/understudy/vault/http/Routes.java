package org.understudy.vault.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * Where features hang their endpoints: each with the role it takes, the parameters it knows, and, where it changes
 * something, the words by which the audit calls that. Paths of {@code get}, {@code post}, {@code put} and
 * {@code delete} lie below {@code /api/v1}. A change and its record are durable together.
 */
public final class Routes {
    private static final Logger LOG = LoggerFactory.getLogger(Routes.class);
    private static final String BEARER = "Bearer ";
    private static final String DRY_RUN = "dryRun";
    private static final String LOOK = "Look";

    private final HttpRules rules;
    private final Authentication authentication;
    private final AuditTrail audit;
    private final ErrorMapping errors;
    private final Gate gate;
    /** Which methods a path takes. */
    private final Map<String, Set<String>> methods = new LinkedHashMap<>();

    /** Who may stand at the routes, and how much of what strangers do is told. */
    record Gate(Door door, Strangers strangers) {}

    Routes(HttpRules rules, Authentication authentication, AuditTrail audit, ErrorMapping errors, Gate gate) {
        this.rules = rules;
        this.authentication = authentication;
        this.audit = audit;
        this.errors = errors;
        this.gate = gate;
    }

    /** Answers {@code GET}, which has no parameters; changes nothing and is not audited. */
    public void get(String path, Role role, Endpoint endpoint) {
        get(path, role, Set.of(), endpoint);
    }

    /** Answers {@code GET} with the parameters that it knows; others are refused. */
    public void get(String path, Role role, Set<String> parameters, Endpoint endpoint) {
        route(Method.GET, "/api/v1" + path, LOOK, request -> {
            admit(request, role);
            request.requireUnderstood(parameters);
            return endpoint.answer(request);
        });
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

    /**
     * Answers {@code POST}, and with {@code ?dryRun=true} by what the endpoint would do. Which of the two is asked is
     * decided here, and no other route knows the word.
     */
    public void rehearsable(String path, Role role, String action, Endpoint rehearsal, Endpoint endpoint) {
        rehearsableAsking(path, role, action, rehearsal, _ -> endpoint);
    }

    /** As {@link #rehearsable}, for what must hear of others before it can decide. */
    public void rehearsableAsking(String path, Role role, String action, Endpoint rehearsal, Asking asking) {
        route(Method.POST, "/api/v1" + path, action, request -> {
            admit(request, role, action);
            request.requireUnderstood(Set.of(DRY_RUN));
            return request.flag(DRY_RUN) ? rehearsal.answer(request) : changed(request, action, asking);
        });
    }

    /**
     * Answers at a whole path whoever asks: the endpoint itself sees to who that is, and says so by
     * {@link Request#isKnown}. What it refuses to others is counted as a stranger's, under the action.
     */
    public void open(Method method, String wholePath, String action, Set<String> parameters, Endpoint endpoint) {
        route(method, wholePath, action, request -> {
            request.requireUnderstood(parameters);
            return endpoint.answer(request);
        });
    }

    /** As {@link #open}; who was refused too often within a minute is not even listened to. */
    public void openButPatient(Method method, String wholePath, String action, Endpoint endpoint) {
        open(method, wholePath, action, Set.of(), request -> {
            gate.strangers().requirePatience(request.address());
            return endpoint.answer(request);
        });
    }

    /** Says of each path which methods it takes, to who comes with another. */
    void refuseOtherMethods() {
        methods.forEach((path, known) -> rules.any(path, (request, response) -> {
            response.header(HeaderNames.ALLOW, String.join(", ", known));
            send(response, new Answer(405, "application/json", ErrorMapping.answer(errors.failure(
                    FailureCode.REQUEST_INVALID, request.prologue().method() + " is not answered here; "
                            + String.join(" and ", known) + " are.")).body()));
        }));
    }

    private void change(Method method, String path, Role role, String action, Endpoint endpoint) {
        route(method, "/api/v1" + path, action, request -> {
            admit(request, role, action);
            request.requireUnderstood(Set.of());
            return changed(request, action, _ -> endpoint);
        });
    }

    private Object changed(Request request, String action, Asking asking) {
        try {
            // Before the transaction: neither a body that comes slowly nor an agent that thinks for long may hold a
            // connection to the database.
            request.receive();
            Optional<AuditTrail.Repeat> repeat = request.repeat();
            Optional<Answer> known = repeat.isEmpty() ? Optional.empty() : audit.together(() -> begun(repeat));
            if (known.isPresent()) {
                return known.get();
            }
            Endpoint endpoint = asking.ask(request);
            return audit.together(() -> {
                Optional<Answer> before = begun(repeat);
                if (before.isPresent()) {
                    return before.get();
                }
                Object answer = endpoint.answer(request);
                audit.record(entry(request, action, "done", Optional.empty()));
                if (answer instanceof Answer begun && begun.status() == Answer.ACCEPTED) {
                    repeat.ifPresent(once -> audit.begins(once, new String(begun.body(), StandardCharsets.UTF_8)));
                }
                return answer;
            });
        } catch (FailureException e) {
            recordRefusal(request, action, e.failure().code(), e.failure().message());
            throw e;
        } catch (CloseConnectionException | UncheckedIOException e) {
            throw e;
        } catch (RuntimeException e) {
            recordRefusal(request, action, FailureCode.INTERNAL_ERROR, "It broke; nothing was changed.");
            throw e;
        }
    }

    private Optional<Answer> begun(Optional<AuditTrail.Repeat> repeat) {
        return repeat.flatMap(audit::begun).map(answer -> Answer.accepted(answer.getBytes(StandardCharsets.UTF_8)));
    }

    /** What was refused stays refused, whether or not that can be written down. */
    private void recordRefusal(Request request, String action, FailureCode code, String details) {
        AuditTrail.Entry entry = entry(request, action, code.name(), Optional.of(details));
        try {
            audit.record(entry);
        } catch (RuntimeException e) {
            LOG.warn("refusal could not be audited entry={} reason=\"{}\"", entry, e.getMessage());
        }
    }

    private static AuditTrail.Entry entry(
            Request request, String action, String outcome, Optional<String> details) {
        return new AuditTrail.Entry(
                request.caller().name(), action, Optional.of(request.subject()), outcome, details);
    }

    private void route(Method method, String wholePath, String action, Endpoint endpoint) {
        methods.computeIfAbsent(wholePath, path -> new TreeSet<>()).add(method.text());
        rules.route(method, wholePath, handler(action, endpoint));
    }

    private Handler handler(String action, Endpoint endpoint) {
        return (asked, response) -> {
            Request request = new Request(asked, gate.door());
            Answer answer;
            try {
                answer = Answer.from(endpoint.answer(request));
            } catch (CloseConnectionException | UncheckedIOException e) {
                // The client is gone: nobody to answer.
                throw e;
            } catch (RuntimeException e) {
                Failure failure = errors.failure(e, asked.prologue().method() + " " + request.subject());
                if (request.comesFromAStranger()) {
                    gate.strangers().refused(request.address(), action, failure);
                }
                answer = ErrorMapping.answer(failure);
            }
            send(response, answer);
            idles(asked);
        };
    }

    private void idles(ServerRequest asked) {
        gate.door().idles((InetSocketAddress) asked.remotePeer().address());
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

    private void admit(Request request, Role role, String action) {
        admit(request, Role.READER);
        if (!request.caller().role().allows(role)) {
            FailureException refused = notPermitted(request.caller(), role);
            recordRefusal(request, action, refused.failure().code(), refused.failure().message());
            throw refused;
        }
    }

    private void admit(Request request, Role role) {
        String header = request.header(HeaderNames.AUTHORIZATION).orElseThrow(() -> FailureException.of(
                FailureCode.NOT_AUTHENTICATED, "the request has no token (header Authorization: Bearer …)"));
        Caller caller = Optional.of(header)
                .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .flatMap(value -> authentication.caller(value.substring(BEARER.length()).strip()))
                .orElseThrow(() -> wrongToken(request));
        request.comesFrom(caller);
        if (!caller.role().allows(role)) {
            throw notPermitted(caller, role);
        }
    }

    /** A good token is always good: others at the same address cannot use up its patience. */
    private FailureException wrongToken(Request request) {
        gate.strangers().requirePatience(request.address());
        return FailureException.of(FailureCode.NOT_AUTHENTICATED, "the request's token is none of this vault");
    }

    private static FailureException notPermitted(Caller caller, Role role) {
        return FailureException.of(FailureCode.NOT_PERMITTED, "this takes the role %s; the token \"%s\" has %s"
                .formatted(word(role), caller.name(), word(caller.role())));
    }

    private static String word(Role role) {
        return role.name().charAt(0) + role.name().substring(1).toLowerCase(Locale.ROOT);
    }
}
