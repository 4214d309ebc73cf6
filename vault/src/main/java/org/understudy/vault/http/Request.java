package org.understudy.vault.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.PlainText;

/** One request, as an endpoint sees it. On one thread. */
public final class Request {
    /** More than any request of a person needs. */
    static final int BODY_BYTES_MAX = 1024 * 1024;
    private static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("Idempotency-Key");
    /** Characters of a path or of a parameter; more than any name has. */
    private static final int WORD_MAX = 1024;

    private final ServerRequest request;
    private final Door door;
    private Optional<Caller> caller = Optional.empty();
    private Optional<byte[]> received = Optional.empty();
    private boolean known;
    private String subject;

    Request(ServerRequest request, Door door) {
        this.request = request;
        this.door = door;
        this.subject = PlainText.of(request.path().absolute().path(), WORD_MAX);
        if (!request.content().hasEntity()) {
            door.answers(from());
        }
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

    /** A parameter of the query that is a whole number. */
    public Optional<Long> number(String name, long least, long most) {
        return query(name, value -> {
            String range = "it is a whole number, " + least + (most == Long.MAX_VALUE ? " or more" : " to " + most);
            if (!value.matches("\\d{1,18}")) {
                throw new IllegalArgumentException(range);
            }
            long number = Long.parseLong(value);
            if (number < least || number > most) {
                throw new IllegalArgumentException(range);
            }
            return number;
        });
    }

    /** A parameter of the query that is true or false, and false when it is not there. */
    public boolean flag(String name) {
        return query(name, value -> switch (value) {
            case "true", "" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("it is true or false");
        }).orElse(false);
    }

    /**
     * The body; a property that the type does not have is refused, as a typing error, and so is text with control
     * characters. 1 MiB at most.
     */
    public <T> T body(Class<T> type) {
        return Json.read(Json.REQUESTS, bytes(BODY_BYTES_MAX), type);
    }

    /** The body by another codec and limit. */
    public <T> T body(ObjectMapper codec, int bytesMax, Class<T> type) {
        return Json.read(codec, bytes(bytesMax), type);
    }

    /** The key under which it may be made again without being done again, if one was given; after {@link #receive}. */
    Optional<AuditTrail.Repeat> repeat() {
        return request.headers().first(IDEMPOTENCY_KEY).map(key -> new AuditTrail.Repeat(
                parsed("Idempotency-Key", key, UUID::fromString), caller().name(),
                request.prologue().method().text() + " " + request.path().absolute().path(),
                digest(received.orElseThrow())));
    }

    /** Names what the request is about, for the audit; without it that is the path. */
    public void concerns(String object) {
        subject = object;
    }

    /** The peer has proved who it is: it is no stranger, and what it is refused is not a stranger's. */
    public void isKnown() {
        known = true;
        door.knows(from());
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

    Optional<String> header(HeaderName name) {
        return request.headers().first(name);
    }

    String subject() {
        return subject;
    }

    boolean comesFromAStranger() {
        return !known;
    }

    InetAddress address() {
        return from().getAddress();
    }

    void comesFrom(Caller named) {
        caller = Optional.of(named);
        isKnown();
    }

    /** Takes the whole body now, before anything is held for its sake. */
    void receive() {
        if (received.isEmpty()) {
            received = Optional.of(bytes(BODY_BYTES_MAX));
        }
    }

    /** Refuses what no route of the vault can mean: odd characters, and parameters that this route does not have. */
    void requireUnderstood(Set<String> parameters) {
        require(request.path().absolute().path(), "the path");
        for (String name : request.query().names()) {
            if (!parameters.contains(name)) {
                throw Json.invalid("There is no parameter \"" + PlainText.of(name, 64) + "\" here; "
                        + (parameters.isEmpty() ? "there is none at all."
                                : "known are " + String.join(", ", new TreeSet<>(parameters)) + "."));
            }
            request.query().all(name).forEach(value -> require(value, name));
        }
    }

    private static void require(String value, String where) {
        if (value.length() > WORD_MAX || !PlainText.isPlain(value)) {
            throw Json.invalid("The value of " + where + " has control characters, or more than " + WORD_MAX
                    + " characters.");
        }
    }

    private byte[] bytes(int max) {
        if (received.isPresent()) {
            return received.get();
        }
        try (InputStream in = request.content().inputStream()) {
            byte[] bytes = in.readNBytes(max + 1);
            if (bytes.length > max) {
                throw FailureException.of(FailureCode.REQUEST_TOO_LARGE,
                        "The request's body is larger than the %d bytes that are taken here.".formatted(max));
            }
            door.answers(from());
            return bytes;
        } catch (DataReader.InsufficientDataAvailableException e) {
            throw new CloseConnectionException("the client went away within a body", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    private InetSocketAddress from() {
        return (InetSocketAddress) request.remotePeer().address();
    }

    /** A value as another type; what {@code parse} refuses is a REQUEST_INVALID that names it. */
    public static <T> T parsed(String name, String value, Function<String, T> parse) {
        try {
            return parse.apply(value);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw Json.invalid("\"" + value + "\" is no value for " + name + ": " + e.getMessage());
        }
    }
}
