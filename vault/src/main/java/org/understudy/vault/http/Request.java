package org.understudy.vault.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.util.Optional;
import java.util.function.Function;
import org.understudy.api.ApiCodec;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** One request, as an endpoint sees it. On one thread. */
public final class Request {
    /** More than any request of a person needs. */
    static final int BODY_BYTES_MAX = 1024 * 1024;

    private final ServerRequest request;
    private final Optional<Caller> caller;
    private String subject;

    Request(ServerRequest request, Optional<Caller> caller) {
        this.request = request;
        this.caller = caller;
        this.subject = request.path().absolute().path();
    }

    /** Who asks; there is always one unless the route is open. */
    public Caller caller() {
        return caller.orElseThrow(() -> new IllegalStateException("an open route knows no caller"));
    }

    /** A variable part of the path, decoded. */
    public String path(String name) {
        return request.path().pathParameters().get(name);
    }

    /** A variable part of the path as an id or another type; what {@code parse} refuses is a REQUEST_INVALID. */
    public <T> T path(String name, Function<String, T> parse) {
        return parsed(name, path(name), parse);
    }

    /** A parameter of the query. */
    public Optional<String> query(String name) {
        return request.query().contains(name) ? Optional.of(request.query().get(name)) : Optional.empty();
    }

    /** A parameter of the query as another type. */
    public <T> Optional<T> query(String name, Function<String, T> parse) {
        return query(name).map(value -> parsed(name, value, parse));
    }

    /** A parameter of the query that is true or false, and false when it is not there. */
    public boolean flag(String name) {
        return query(name, value -> switch (value) {
            case "true", "" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("it is true or false");
        }).orElse(false);
    }

    /** The body; a property that the type does not have is refused, as a typing error. 1 MiB at most. */
    public <T> T body(Class<T> type) {
        return Json.read(ApiCodec.strict(), bytes(BODY_BYTES_MAX), type);
    }

    /** The body by another codec and limit. */
    public <T> T body(ObjectMapper codec, int bytesMax, Class<T> type) {
        return Json.read(codec, bytes(bytesMax), type);
    }

    /** Names what the request is about, for the audit; without it that is the path. */
    public void concerns(String object) {
        subject = object;
    }

    String subject() {
        return subject;
    }

    /** Where the request comes from. */
    public String peer() {
        return request.remotePeer().host();
    }

    /** The certificate by which the peer made itself known; issued by the vault's own authority, or there is none. */
    public Optional<X509Certificate> certificate() {
        return request.remotePeer().tlsCertificates()
                .filter(chain -> chain.length > 0)
                .map(chain -> {
                    Certificate first = chain[0];
                    return first instanceof X509Certificate certificate ? certificate : null;
                });
    }

    private byte[] bytes(int max) {
        try (InputStream in = request.content().inputStream()) {
            byte[] bytes = in.readNBytes(max + 1);
            if (bytes.length > max) {
                throw FailureException.of(FailureCode.REQUEST_TOO_LARGE,
                        "The request's body is larger than the %d bytes that are taken here.".formatted(max));
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T parsed(String name, String value, Function<String, T> parse) {
        try {
            return parse.apply(value);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw Json.invalid("\"" + value + "\" is no value for " + name + ": " + e.getMessage());
        }
    }
}
