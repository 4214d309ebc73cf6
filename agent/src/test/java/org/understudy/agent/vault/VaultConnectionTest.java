package org.understudy.agent.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.understudy.agent.identity.AgentIdentity;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;

/** A certificate that is not accepted waits for a person; a network that breaks a handshake passes by itself. */
@Timeout(60)
class VaultConnectionTest {
    private static final TestCertificates OURS = new TestCertificates("ours");
    private static final TestCertificates ANOTHERS = new TestCertificates("another's");

    /** What a peer does with a connection before it hangs up. */
    private interface Peer {
        void meet(Socket socket) throws IOException;
    }

    @Test
    void isUnreachableWhenThePeerHangsUpInTheHandshake() throws IOException {
        assertThat(toldOf(socket -> { }).code()).isEqualTo(FailureCode.VAULT_UNREACHABLE);
        assertThat(toldOf(socket -> socket.getInputStream().readNBytes(100)).code())
                .isEqualTo(FailureCode.VAULT_UNREACHABLE);
        assertThat(toldOf(socket -> {
            socket.getInputStream().readNBytes(100);
            // The first bytes of an answer that is never finished.
            socket.getOutputStream().write(new byte[] {22, 3, 3, 0, 100, 2, 0, 0});
        }).code()).isEqualTo(FailureCode.VAULT_UNREACHABLE);
    }

    @Test
    void isUnreachableWhenTheHandshakeIsReset() throws IOException {
        assertThat(toldOf(socket -> {
            socket.getInputStream().readNBytes(100);
            socket.setSoLinger(true, 0);
        }).code()).isEqualTo(FailureCode.VAULT_UNREACHABLE);
    }

    @Test
    void isUnreachableWhenThePeerSpeaksNoTls() throws IOException {
        for (String greeting : new String[] {"HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-x\r\n", "certificate\r\n"}) {
            assertThat(toldOf(socket -> {
                socket.getOutputStream().write(greeting.getBytes(StandardCharsets.US_ASCII));
                socket.getInputStream().readNBytes(100);
            }).code()).isEqualTo(FailureCode.VAULT_UNREACHABLE);
        }
    }

    @Test
    void isUnreachableWhenNothingListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Failure told = told(port);
        assertThat(told.code()).isEqualTo(FailureCode.VAULT_UNREACHABLE);
        assertThat(told.message()).contains("https://127.0.0.1:" + port).doesNotContain("Exception");
    }

    @Test
    void hasAWrongCertificateWhenItIsAnotherVaults() throws IOException {
        try (SSLServerSocket server = ANOTHERS.server(ANOTHERS)) {
            assertThat(toldBy(server).code()).isEqualTo(FailureCode.VAULT_CERTIFICATE_WRONG);
        }
    }

    @Test
    void hasAWrongCertificateWhenTheVaultDoesNotAcceptOurs() throws IOException {
        try (SSLServerSocket server = OURS.server(ANOTHERS)) {
            assertThat(toldBy(server).code()).isEqualTo(FailureCode.VAULT_CERTIFICATE_WRONG);
        }
    }

    private static Failure toldBy(SSLServerSocket server) {
        serve(server, socket -> socket.getInputStream().read());
        return told(server.getLocalPort());
    }

    private static Failure toldOf(Peer peer) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            serve(server, peer);
            return told(server.getLocalPort());
        }
    }

    private static void serve(ServerSocket server, Peer peer) {
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    peer.meet(socket);
                } catch (IOException e) {
                    // The client gave up, or the test is over.
                }
            }
        });
    }

    private static Failure told(int port) {
        X509Certificate own = OURS.agent();
        AgentIdentity identity = new AgentIdentity(
                HostId.random(), OURS.agentKey(), own, OURS.authority(), "https://127.0.0.1:" + port);
        try (VaultConnection vault = VaultConnection.as(identity)) {
            return catchThrowableOfType(FailureException.class, () -> vault.commands(Duration.ofSeconds(1))).failure();
        }
    }
}
