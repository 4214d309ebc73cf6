package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.AuditView;
import org.understudy.command.AgentReport;

/** A stranger at the vault's real port: what each gets, and that everybody else is answered meanwhile. */
@Tag("slow")
class StrangersAtThePortTest {
    private static final String HALF_A_HEAD = "POST /agent/v1/register HTTP/1.1\r\nHost: vault\r\nContent-Le";
    private static final String HALF_A_BODY =
            "POST /agent/v1/register HTTP/1.1\r\nHost: vault\r\nContent-Length: 15000\r\n\r\n{\"hostName\": \"";

    @TempDir
    Path data;
    private Story story;
    private SSLContext tls;
    private final List<Socket> sockets = new ArrayList<>();

    @BeforeEach
    void tell() throws IOException, GeneralSecurityException {
        story = Story.told(data);
        tls = Trust.of(story.vault().authorityFile());
    }

    @AfterEach
    void end() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        story.close();
    }

    private Socket raw() throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress("127.0.0.1", story.vault().port()), 10_000);
        socket.setSoTimeout(60_000);
        sockets.add(socket);
        return socket;
    }

    private SSLSocket says(String text) throws IOException {
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(raw(), "localhost",
                story.vault().port(), true);
        sockets.add(socket);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    /** Whether the vault has ended a connection, within the minute that the socket waits. */
    private static boolean isEnded(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void threeThousandHalfSentRequestsFromOneAddressEndNothing() throws IOException {
        long answered = 0;
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 3500; i++) {
            // Most cost the vault a socket; each tenth costs it a TLS session and a buffer as well.
            if (i % 10 == 0) {
                says(i % 20 == 0 ? HALF_A_HEAD : HALF_A_BODY);
            } else {
                silent.add(raw());
            }
            if (i % 500 == 499) {
                story.stockholm().report(new AgentReport.Heartbeat("0.1.0"));
                answered += story.people().hosts().size();
            }
        }
        assertThat(answered).isEqualTo(14);
        assertThat(silent.subList(0, 3000)).allMatch(StrangersAtThePortTest::isEnded);
        System.out.println("3500 half-sent requests from one address: all but the newest 64 were closed, every request "
                + "of an agent and of a person was answered");
    }

    @Test
    void aHalfSentRequestIsClosedInTime() throws IOException {
        long began = System.nanoTime();
        Socket silent = raw();
        Socket head = says(HALF_A_HEAD);
        Socket body = says(HALF_A_BODY);
        assertThat(isEnded(silent)).isTrue();
        assertThat(isEnded(head)).isTrue();
        Duration afterHead = Duration.ofNanos(System.nanoTime() - began);
        assertThat(isEnded(body)).isTrue();
        Duration afterBody = Duration.ofNanos(System.nanoTime() - began);
        assertThat(afterHead).isBetween(Duration.ofSeconds(9), Duration.ofSeconds(25));
        assertThat(afterBody).isBetween(Duration.ofSeconds(18), Duration.ofSeconds(40));
        System.out.printf("a silent socket and half a head were closed after %d s, half a body after %d s%n",
                afterHead.toSeconds(), afterBody.toSeconds());
    }

    @Test
    void strangersRefusalsAreARecordAndNotAThousand() throws IOException, InterruptedException {
        int before = story.people().audit(1000).size();
        HttpClient client = HttpClient.newBuilder().sslContext(tls).build();
        for (int i = 0; i < 200; i++) {
            HttpResponse<String> answer = client.send(HttpRequest.newBuilder(
                    story.vault().url().resolve("/agent/v1/register")).POST(HttpRequest.BodyPublishers.ofString(
                    "{\"hostName\": \"" + "x".repeat(5000) + "\", \"key\": \"guess\"}")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(i < 60 ? 400 : 429);
            assertThat(answer.body()).doesNotContain("xxxxx");
        }
        List<AuditView> records = story.people().audit(1000);
        assertThat(records).hasSizeLessThan(before + 5);
        assertThat(records).anySatisfy(record -> {
            assertThat(record.action()).isEqualTo("Register host");
            assertThat(record.object()).isEqualTo(Optional.empty());
            assertThat(record.outcome()).isIn("REQUEST_INVALID", "BUSY");
            System.out.println("audit: " + record.actor() + " | " + record.action() + " | " + record.outcome() + " | "
                    + record.details().orElse(""));
        });
    }
}
