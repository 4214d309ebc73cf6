package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.AuditView;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.api.VaultAddress;
import org.understudy.api.VaultClient;
import org.understudy.api.VaultView;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandCodec;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.vault.access.CertificateAuthority;
import org.understudy.vault.database.DatabaseConfig;
import org.understudy.vault.database.TestDatabase;

/** What a whole vault promises to those who speak with it: over real TLS, on a real PostgreSQL. */
class VaultTest {
    @TempDir
    static Path data;

    private static final MovableClock CLOCK = new MovableClock();
    private static Vault vault;
    private static VaultClient people;

    @BeforeAll
    static void start() throws IOException {
        VaultConfig config = new VaultConfig(data, new InetSocketAddress("127.0.0.1", 0), List.of(),
                Optional.of("nordic"), new DatabaseConfig.Embedded(data, TestDatabase.PROGRAMS));
        vault = Vault.start(config, CLOCK, CLOCK.monotonic());
        people = new VaultClient(VaultAddress.of(vault.url(), vault.authorityFile(), vault.tokenFile()));
    }

    @AfterAll
    static void stop() {
        people.close();
        vault.close();
    }

    private static TestAgent agent() throws IOException {
        return new TestAgent(vault.url(), Files.readString(vault.authorityFile()));
    }

    private static String secret(Optional<Duration> validFor) throws IOException {
        String file = people.createRegistrationKey(new RegistrationKeyRequest(Optional.empty(), validFor)).file();
        return CommandCodec.mapper().readTree(file).get("secret").asText();
    }

    private static String secret() throws IOException {
        return secret(Optional.empty());
    }

    private static void assertRefused(FailureCode code, Attempt attempt) {
        assertThatThrownBy(attempt::make).isInstanceOfSatisfying(FailureException.class, refused -> {
            assertThat(refused.failure().code()).isEqualTo(code);
            assertThat(refused.failure().recommendedAction()).isNotBlank();
        });
    }

    private interface Attempt {
        void make() throws IOException, InterruptedException;
    }

    @Test
    void saysWhoItIsAndThatItsDatabaseForcesToDisk() {
        VaultView view = people.vault();
        assertThat(view.name()).isEqualTo("nordic");
        assertThat(view.database().embedded()).isTrue();
        assertThat(view.database().fsync()).isEqualTo("on");
        assertThat(view.database().synchronousCommit()).isEqualTo("on");
    }

    @Test
    void saysSoWhereItCannotListen(@TempDir Path elsewhere) {
        assertRefused(FailureCode.IN_USE, () -> Vault.start(new VaultConfig(elsewhere,
                new InetSocketAddress("127.0.0.1", vault.port()), List.of(), Optional.empty(),
                TestDatabase.fresh()), CLOCK));
    }

    @Test
    void keepsItsSecretsFromOthersOnTheMachine() throws IOException {
        for (String name : List.of("admin.token", "authority.key", "postgres.password")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(name))))
                    .as(name).isEqualTo("rw-------");
        }
    }

    @Test
    void registersAHostByItsKeyAndKnowsItByItsCertificate() throws IOException, InterruptedException {
        TestAgent agent = agent();
        AgentEndpoint.Registered registered = agent.register(secret(), "kvm1");
        agent.report(new AgentReport.Heartbeat("0.1.0"));
        assertThat(agent.commands(0)).isEmpty();
        assertThat(registered.certificate()).startsWith("-----BEGIN CERTIFICATE-----");
        assertThat(people.vault().hosts()).isPositive();
        assertThat(people.audit(100)).extracting(AuditView::action, AuditView::outcome)
                .contains(tuple("Register host", "done"));
    }

    @Test
    void refusesAKeyThatIsExpiredOrDamagedOrOfAnotherVaultAndChangesNothing() throws IOException {
        int hosts = people.vault().hosts();
        String shortLived = secret(Optional.of(Duration.ofMinutes(1)));
        CLOCK.move(Duration.ofMinutes(2));
        assertRefused(FailureCode.REGISTRATION_KEY_EXPIRED, () -> agent().register(shortLived, "kvm9"));
        String good = secret();
        assertRefused(FailureCode.REGISTRATION_KEY_INVALID,
                () -> agent().register(good.substring(0, good.length() - 4) + "AAAA", "kvm9"));
        assertRefused(FailureCode.REGISTRATION_KEY_INVALID, () -> agent().register("garbage", "kvm9"));
        assertRefused(FailureCode.REGISTRATION_KEY_OF_ANOTHER_VAULT,
                () -> agent().register("00000000-0000-0000-0000-000000000001" + good.substring(36), "kvm9"));
        assertThat(people.vault().hosts()).isEqualTo(hosts);
        assertThat(people.audit(100)).extracting(AuditView::outcome).contains("REGISTRATION_KEY_EXPIRED",
                "REGISTRATION_KEY_INVALID", "REGISTRATION_KEY_OF_ANOTHER_VAULT");
    }

    @Tag("slow")
    @Test
    void takesHostsWithAReplicationAddressThatCanBeOneAlone() throws IOException, InterruptedException {
        String secret = secret();
        int hosts = people.vault().hosts();
        for (String wrong : List.of("", " ", "a b", "https://kvm", "kvm:8084", "10.0.0.1:8084", "[::1]", "a/b", "\n",
                "x".repeat(300), "127.0.0.1", "127.0.1.1", "::1", "0:0:0:0:0:0:0:1", "0.0.0.0", "::", "localhost",
                "::ffff:127.0.0.1")) {
            assertRefused(FailureCode.REQUEST_INVALID, () -> agent().register(secret, "kvm-odd", wrong));
        }
        assertThat(people.vault().hosts()).isEqualTo(hosts);
        List<String> fine = List.of("10.0.0.1", "kvm", "kvm_1.example", "2001:db8::7", "fe80::1%eth0", "fd00::1");
        for (int i = 0; i < fine.size(); i++) {
            agent().register(secret(), "kvm-odd" + i, fine.get(i));
        }
    }

    @Test
    void refusesAKeyForLongerThanFiveDays() {
        assertRefused(FailureCode.REQUEST_INVALID, () -> people.createRegistrationKey(
                new RegistrationKeyRequest(Optional.empty(), Optional.of(Duration.ofDays(6)))));
    }

    @Test
    void takesReportsFromNobodyWithoutACertificateOfItsOwn() throws IOException {
        TestAgent stranger = agent();
        assertRefused(FailureCode.NOT_AUTHENTICATED, () -> stranger.report(new AgentReport.Heartbeat("0.1.0")));
        assertRefused(FailureCode.NOT_AUTHENTICATED, () -> stranger.commands(0));
    }

    @Test
    void breaksOffWithAnAuthorityThatOnlyHasTheSameName(@TempDir Path elsewhere) throws Exception {
        var other = CertificateAuthority.open(
                elsewhere.resolve("key"), elsewhere.resolve("pem"), "nordic", CLOCK);
        var foreign = other.serverIdentity(List.of("localhost"));
        TestAgent impostor = agent();
        impostor.become(new AgentEndpoint.Registered(HostId.random(),
                CertificateAuthority.pem(foreign.certificate()), other.certificatePem()),
                new KeyPair(foreign.certificate().getPublicKey(), foreign.key()));
        assertThatThrownBy(() -> impostor.commands(0)).isInstanceOf(IOException.class);
        assertThat(people.vault().name()).isEqualTo("nordic");
    }

    @Test
    void writesDownWhatAgentsRefused() throws IOException, InterruptedException {
        TestAgent agent = agent();
        agent.register(secret(), "kvm3");
        agent.report(new AgentReport.Refused("10.1.2.3", new Failure(FailureCode.RELATIONSHIP_REFUSED,
                "host x sent segments of an item that is not its own", "Look.", Instant.EPOCH)));
        assertThat(people.audit(100)).anySatisfy(record -> {
            assertThat(record.actor()).isEqualTo("host kvm3");
            assertThat(record.object()).contains("10.1.2.3");
            assertThat(record.outcome()).isEqualTo("RELATIONSHIP_REFUSED");
        });
    }

    @Tag("slow")
    @Test
    void aPollWithoutCommandsEndsAfterItsWait() throws IOException, InterruptedException {
        TestAgent agent = agent();
        agent.register(secret(), "kvm4");
        long before = System.nanoTime();
        assertThat(agent.commands(1)).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isBetween(
                Duration.ofMillis(900), Duration.ofSeconds(10));
    }

    @Test
    void garbageOnThePortHarmsNobody() throws IOException, InterruptedException, GeneralSecurityException {
        for (String garbage : List.of("GET / HTTP/1.1\r\n\r\n", "\0\1\2\3\377\377\377\377", "x".repeat(100_000))) {
            try (Socket socket = new Socket("127.0.0.1", vault.port())) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream().write(garbage.getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().flush();
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (IOException e) {
                assertThat(e).isNotNull();
            }
        }
        try (Socket socket = tls().getSocketFactory().createSocket("127.0.0.1", vault.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("what is this\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400").contains("REQUEST_INVALID");
        }
        assertThat(people.vault().name()).isEqualTo("nordic");
    }

    @Test
    void saysWhatIsWrongWithARequest() throws Exception {
        String admin = "Bearer " + Files.readString(vault.tokenFile()).strip();
        assertThat(send("GET", "/api/v1/vault", "", "").statusCode()).isEqualTo(401);
        assertThat(send("GET", "/api/v1/vault", "Bearer guess", "").statusCode()).isEqualTo(401);
        assertThat(send("GET", "/api/v1/nothing", admin, "").statusCode()).isEqualTo(404);
        assertThat(error(send("POST", "/api/v1/tokens", admin, "{\"name\": ")))
                .startsWith("REQUEST_INVALID: the body is not JSON");
        assertThat(error(send("POST", "/api/v1/tokens", admin, "{\"name\": \"x\", \"role\": \"READER\", \"a\": 1}")))
                .isEqualTo("REQUEST_INVALID: there is no property \"a\" here; known are name, role");
        assertThat(error(send("POST", "/api/v1/tokens", admin, "{\"name\": \"x\", \"role\": \"KING\"}")))
                .isEqualTo("REQUEST_INVALID: \"KING\" is no value for role");
        assertThat(error(send("POST", "/api/v1/tokens", admin, "{\"name\": \"x\"}")))
                .isEqualTo("REQUEST_INVALID: \"role\" is missing");
        assertThat(error(send("POST", "/api/v1/tokens", admin, "")))
                .startsWith("REQUEST_INVALID: the request has no body");
        assertThat(error(send("POST", "/api/v1/tokens", admin, "x".repeat(2 * 1024 * 1024))))
                .startsWith("REQUEST_TOO_LARGE: The request's body is larger");
        assertThat(error(send("GET", "/api/v1/audit?limit=0", admin, ""))).startsWith("REQUEST_INVALID: \"0\" is no");
        assertThat(send("GET", "/api/v1/health", "", "").body()).isEqualTo("{\"status\":\"ok\"}");
    }

    @Test
    void aTokenDoesWhatItsRoleAllowsAndNoMore() throws Exception {
        String admin = "Bearer " + Files.readString(vault.tokenFile()).strip();
        HttpResponse<String> made =
                send("POST", "/api/v1/tokens", admin, "{\"name\": \"monitor\", \"role\": \"READER\"}");
        assertThat(made.statusCode()).isEqualTo(201);
        String reader = "Bearer " + CommandCodec.mapper().readTree(made.body()).get("token").asText();
        assertThat(send("GET", "/api/v1/vault", reader, "").statusCode()).isEqualTo(200);
        assertThat(error(send("POST", "/api/v1/registration-keys", reader, "{}")))
                .isEqualTo("NOT_PERMITTED: this takes the role Contributor; the token \"monitor\" has Reader");
        assertThat(send("GET", "/api/v1/tokens", reader, "").statusCode()).isEqualTo(403);
        assertThat(send("DELETE", "/api/v1/tokens/monitor", admin, "").statusCode()).isEqualTo(204);
        assertThat(send("GET", "/api/v1/vault", reader, "").statusCode()).isEqualTo(401);
        assertThat(people.audit(100)).extracting(AuditView::actor, AuditView::action, AuditView::outcome).contains(
                tuple("admin", "Create token", "done"),
                tuple("monitor", "Create registration key", "NOT_PERMITTED"));
    }

    private static HttpResponse<String> send(String method, String path, String authorization, String body)
            throws IOException, InterruptedException, GeneralSecurityException {
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls()).build()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(vault.url() + path))
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
            if (!authorization.isEmpty()) {
                request.header("Authorization", authorization);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String error(HttpResponse<String> response) throws IOException {
        JsonNode error = CommandCodec.mapper().readTree(response.body()).get("error");
        assertThat(error.get("recommendedAction").asText()).isNotBlank();
        return error.get("code").asText() + ": " + error.get("message").asText();
    }

    private static SSLContext tls() throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("vault", TestAgent.certificate(Files.readString(vault.authorityFile())));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
