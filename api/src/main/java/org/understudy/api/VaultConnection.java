package org.understudy.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JavaType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;

/**
 * One vault's REST as requests and answers: TLS 1.3 trusting the vault's own authority alone, the token on each
 * request, every error a {@link FailureException} with the failure that the vault sent. Tries nothing twice. Safe for
 * many threads.
 */
final class VaultConnection implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    /** How long a request is made again whose answer did not arrive: a vault that is restarted is back by then. */
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final VaultAddress vault;
    private final HttpClient http;

    VaultConnection(VaultAddress vault) {
        this.vault = vault;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .sslContext(trusting(vault.authority()))
                .build();
    }

    <T> T get(String path, JavaType type) {
        return read(send(request(path).GET().build()), path, type);
    }

    String getText(String path) {
        return send(request(path).GET().build());
    }

    <T> T post(String path, Object body, JavaType type) {
        return read(send(withBody(path, "POST", body)), path, type);
    }

    /**
     * Asks to begin something. When the connection breaks it is asked again under the same key, so that it is begun
     * once; a vault that cannot be connected to from the start has begun nothing, and that is told at once.
     */
    <T> T begin(String path, Object body, JavaType type) {
        return begin(path, body, type, UUID.randomUUID());
    }

    <T> T begin(String path, Object body, JavaType type, UUID key) {
        HttpRequest request = withBody(path, "POST", body, "Idempotency-Key", key.toString());
        long until = System.nanoTime() + AGAIN.toNanos();
        boolean sent = false;
        while (true) {
            try {
                return read(send(request), path, type);
            } catch (FailureException e) {
                sent |= !(e.getCause() instanceof ConnectException);
                if (e.failure().code() != FailureCode.VAULT_UNREACHABLE || !sent || System.nanoTime() > until) {
                    throw e;
                }
                pause();
            }
        }
    }

    private void pause() {
        try {
            new CountDownLatch(1).await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(FailureCode.CANCELLED, "asking the vault at " + vault + " was interrupted", e);
        }
    }

    <T> T put(String path, Object body, JavaType type) {
        return read(send(withBody(path, "PUT", body)), path, type);
    }

    void delete(String path) {
        send(request(path).DELETE().build());
    }

    @Override
    public void close() {
        http.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(vault.address().resolve("/api/v1" + path))
                .timeout(ANSWER)
                .header("Accept", "application/json")
                .header("Authorization", "Bearer " + vault.token());
    }

    private HttpRequest withBody(String path, String method, Object body, String... headers) {
        try {
            byte[] json = ApiCodec.mapper().writeValueAsBytes(body);
            return request(path)
                    .headers(Stream.concat(Stream.of("Content-Type", "application/json"), Stream.of(headers))
                            .toArray(String[]::new))
                    .method(method, HttpRequest.BodyPublishers.ofByteArray(json))
                    .build();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON of " + body.getClass().getSimpleName(), e);
        }
    }

    private String send(HttpRequest request) {
        HttpResponse<String> answer;
        try {
            answer = http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            if (isAboutCertificates(e)) {
                throw failed(FailureCode.VAULT_CERTIFICATE_WRONG,
                        "the server at " + vault + " is not known by the vault's certificate authority: "
                                + FailureTeller.reason(e), e);
            }
            throw failed(FailureCode.VAULT_UNREACHABLE,
                    "the vault at " + vault + " does not answer: " + FailureTeller.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(FailureCode.CANCELLED, "asking the vault at " + vault + " was interrupted", e);
        }
        if (answer.statusCode() / 100 != 2) {
            throw refused(request, answer);
        }
        return answer.body();
    }

    private FailureException refused(HttpRequest request, HttpResponse<String> answer) {
        try {
            ErrorView refusal = ApiCodec.mapper().readValue(answer.body(), ErrorView.class);
            if (refusal != null) {
                return refusal.error().asException();
            }
        } catch (JsonProcessingException | IllegalArgumentException e) {
            return failed(FailureCode.INTERNAL_ERROR, "%s %s was answered with status %d and without a failure record"
                    .formatted(request.method(), request.uri(), answer.statusCode()), e);
        }
        return failed(FailureCode.INTERNAL_ERROR, "%s %s was answered with status %d and nothing else"
                .formatted(request.method(), request.uri(), answer.statusCode()), null);
    }

    private <T> T read(String body, String path, JavaType type) {
        try {
            return ApiCodec.mapper().readValue(body, type);
        } catch (JsonProcessingException e) {
            throw failed(FailureCode.INTERNAL_ERROR, "the vault's answer to " + path + " is not understood: "
                    + e.getOriginalMessage(), e);
        }
    }

    /** A vault that is killed during a handshake breaks that as well, which says nothing of who it was. */
    private static boolean isAboutCertificates(Throwable problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return true;
            }
        }
        return false;
    }

    private static FailureException failed(FailureCode code, String message, Throwable cause) {
        return FailureException.of(code, message).causedBy(cause);
    }

    private static SSLContext trusting(String authority) {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            int count = 0;
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(
                    new ByteArrayInputStream(authority.getBytes(StandardCharsets.US_ASCII)))) {
                trusted.setCertificateEntry("authority-" + count++, certificate);
            }
            if (count == 0) {
                throw noAuthority("it is empty", null);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw noAuthority("it cannot be read", e);
        }
    }

    private static FailureException noAuthority(String why, Throwable cause) {
        return FailureException.of(FailureCode.VAULT_CERTIFICATE_WRONG,
                "the certificate of the vault's authority is no certificate in PEM form: " + why,
                "Give the file authority.pem of the vault's folder.").causedBy(cause);
    }
}
