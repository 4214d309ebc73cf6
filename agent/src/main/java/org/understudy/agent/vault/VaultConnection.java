package org.understudy.agent.vault;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.understudy.agent.identity.AgentIdentity;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandCodec;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.VaultUrl;
import org.understudy.replication.wire.CertificateProblem;

/**
 * The agent's way to its vault: HTTPS that trusts the vault's own authority and nothing else.
 *
 * <p>Every method blocks. Where the two do not accept each other's certificate it is a {@link FailureException}
 * VAULT_CERTIFICATE_WRONG, which needs a person; whatever else keeps the vault from being reached, a handshake that was
 * cut and a port that speaks no TLS included, is VAULT_UNREACHABLE, which may pass. What the vault refuses carries its
 * failure.
 */
public final class VaultConnection implements VaultEnd, AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

    private final String url;
    private final HttpClient client;
    private final UUID start = UUID.randomUUID();
    private final AtomicLong number = new AtomicLong();

    private VaultConnection(String url, SSLContext tls) {
        this.url = VaultUrl.parse(url).toString();
        // HTTP/1.1: a long poll must not share its connection's fate with the reports beside it.
        this.client = HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
    }

    /** A connection without a certificate of our own, good for registration alone. */
    public static VaultConnection anonymous(String url, X509Certificate authority) {
        return new VaultConnection(url, trusting(authority));
    }

    /** A connection as the host of this identity. */
    public static VaultConnection as(AgentIdentity identity) {
        return new VaultConnection(identity.vaultUrl(), identity.tls().context());
    }

    public AgentEndpoint.Registered register(AgentEndpoint.Registration registration) {
        return answer(post(AgentEndpoint.REGISTER, registration), AgentEndpoint.Registered.class);
    }

    @Override
    public List<AgentEndpoint.IssuedCommand> commands(Duration wait) {
        HttpRequest request = HttpRequest.newBuilder(at(
                AgentEndpoint.COMMANDS + "?wait=" + wait.toSeconds() + "&" + AgentEndpoint.START + "=" + start))
                .timeout(wait.plus(ANSWER_TIMEOUT))
                .GET()
                .build();
        return answer(request, AgentEndpoint.Commands.class).commands();
    }

    @Override
    public AgentEndpoint.Taken report(List<AgentReport> reports) {
        return answer(post(AgentEndpoint.REPORTS,
                new AgentEndpoint.Reports(Optional.of(start), number.incrementAndGet(), reports)),
                AgentEndpoint.Taken.class);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private HttpRequest post(String path, Object body) {
        try {
            return HttpRequest.newBuilder(at(path))
                    .timeout(ANSWER_TIMEOUT)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(CommandCodec.mapper().writeValueAsBytes(body)))
                    .build();
        } catch (IOException e) {
            throw new AssertionError("our own words have a JSON form", e);
        }
    }

    private URI at(String path) {
        return URI.create(url + path);
    }

    private <T> T answer(HttpRequest request, Class<T> type) {
        try {
            HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() >= 300) {
                throw refusal(response);
            }
            byte[] body = response.body().length == 0 ? new byte[] {'{', '}'} : response.body();
            return CommandCodec.mapper().readValue(body, type);
        } catch (IOException e) {
            throw CertificateProblem.ofPeer(e).or(() -> CertificateProblem.ofOurs(e))
                    .map(this::wrongCertificate).orElseGet(() -> unreachable(e)).causedBy(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreachable(e).causedBy(e);
        }
    }

    private FailureException refusal(HttpResponse<byte[]> response) throws IOException {
        Optional<Failure> failure = failureIn(response.body());
        return failure.map(Failure::asException).orElseGet(() -> FailureException.of(
                FailureCode.VAULT_UNREACHABLE,
                "What answers at " + url + " is no vault, or not well: HTTP status " + response.statusCode() + "."));
    }

    private static Optional<Failure> failureIn(byte[] body) throws IOException {
        try {
            JsonNode error = CommandCodec.mapper().readTree(body).path("error");
            return error.isObject()
                    ? Optional.of(CommandCodec.mapper().treeToValue(error, Failure.class))
                    : Optional.empty();
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private FailureException wrongCertificate(String why) {
        return FailureException.of(
                FailureCode.VAULT_CERTIFICATE_WRONG,
                "The vault at " + url + " and this agent do not accept each other's certificate: " + why + ".");
    }

    private FailureException unreachable(Exception e) {
        return FailureException.of(FailureCode.VAULT_UNREACHABLE,
                "The vault at " + url + " cannot be reached: " + FailureTeller.reason(e) + ".");
    }

    private static SSLContext trusting(X509Certificate authority) {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("vault", authority);
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError("every JDK speaks TLS 1.3", e);
        }
    }
}
