package org.understudy.vault.main;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandCodec;
import org.understudy.model.Failure;

/** An agent as the vault sees one: a key pair and the agents' endpoint over real TLS. Refusals come as exceptions. */
final class TestAgent {
    private URI vault;
    private final String authority;
    private final KeyPair keys = newKeys();
    private HttpClient client;
    private AgentEndpoint.Registered identity;
    private volatile Optional<UUID> start = Optional.empty();
    private long number;

    TestAgent(URI vault, String authority) {
        this.vault = vault;
        this.authority = authority;
        this.client = client(null);
    }

    AgentEndpoint.Registered register(String secret, String hostName) throws IOException, InterruptedException {
        return register(secret, hostName, "192.0.2.7");
    }

    AgentEndpoint.Registered register(String secret, String hostName, String replicationAddress)
            throws IOException, InterruptedException {
        AgentEndpoint.Registered registered = post(AgentEndpoint.REGISTER, new AgentEndpoint.Registration(
                secret, hostName, certificateRequest(), replicationAddress, 8084, "0.1.0"),
                AgentEndpoint.Registered.class);
        become(registered, keys);
        return registered;
    }

    /** From now on it tells which start of it this is, as agents do since the first release. */
    void tellsItsStart() {
        start = Optional.of(UUID.randomUUID());
    }

    /** From now on it is of the first release. */
    synchronized void isOfTheFirstRelease() {
        start = Optional.empty();
    }

    void become(AgentEndpoint.Registered registered, KeyPair with) {
        identity = registered;
        client = client(with);
    }

    List<AgentEndpoint.IssuedCommand> commands(int waitSeconds) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(vault.resolve(AgentEndpoint.COMMANDS + "?wait=" + waitSeconds
                        + start.map(told -> "&" + AgentEndpoint.START + "=" + told).orElse("")))
                .GET().build();
        return answer(request, AgentEndpoint.Commands.class).commands();
    }

    synchronized AgentEndpoint.Taken tells(AgentReport report) throws IOException, InterruptedException {
        return post(AgentEndpoint.REPORTS, new AgentEndpoint.Reports(start, ++number, List.of(report)),
                AgentEndpoint.Taken.class);
    }

    synchronized void report(AgentReport... reports) throws IOException, InterruptedException {
        post(AgentEndpoint.REPORTS, new AgentEndpoint.Reports(start, ++number, List.of(reports)), JsonNode.class);
    }

    /** The vault is somewhere else now. */
    void moveTo(URI address) {
        vault = address;
    }

    KeyPair keys() {
        return keys;
    }

    private <T> T post(String path, Object body, Class<T> type) throws IOException, InterruptedException {
        return answer(HttpRequest.newBuilder(vault.resolve(path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(CommandCodec.mapper().writeValueAsBytes(body))).build(),
                type);
    }

    private <T> T answer(HttpRequest request, Class<T> type) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        JsonNode json = CommandCodec.mapper().readTree(response.body());
        if (response.statusCode() >= 300) {
            throw CommandCodec.mapper().treeToValue(json.get("error"), Failure.class).asException();
        }
        return CommandCodec.mapper().treeToValue(json, type);
    }

    private String certificateRequest() {
        try {
            var request = new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=agent"), keys.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
            StringWriter text = new StringWriter();
            try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
                writer.writeObject(request);
            }
            return text.toString();
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpClient client(KeyPair with) {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("vault", certificate(authority));
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            KeyManagerFactory mine = KeyManagerFactory.getInstance("PKIX");
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            if (with != null) {
                own.setKeyEntry("agent", with.getPrivate(), new char[0], new Certificate[] {
                    certificate(identity.certificate()), certificate(identity.authority())});
            }
            mine.init(own, new char[0]);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(mine.getKeyManagers(), trust.getTrustManagers(), null);
            return HttpClient.newBuilder().sslContext(context).version(HttpClient.Version.HTTP_1_1).build();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static Certificate certificate(String pem) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509").generateCertificate(
                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
