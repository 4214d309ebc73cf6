package org.understudy.vault.http;

import io.helidon.common.socket.SocketOptions;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsClientAuth;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * The vault's one port: TLS 1.3, a client's certificate welcome and checked but not needed. Whatever is no
 * request is turned away; requests that break are answered and leave the server as it was. The {@link Door} sees to how
 * many there are and how long they take.
 */
public final class HttpsServer implements AutoCloseable {
    /** Reports of a big inventory; other bodies have a smaller limit of their own. */
    private static final long BODY_BYTES_MAX = 9L * 1024 * 1024;

    private final WebServer server;
    private final Door door;

    private HttpsServer(WebServer server, Door door) {
        this.server = server;
        this.door = door;
    }

    /** Starts answering; refuses with IN_USE where it cannot listen. */
    public static HttpsServer start(
            InetSocketAddress address, TlsIdentity identity, Authentication authentication, AuditTrail audit,
            Clock clock, List<Resource> resources) {
        requireFree(address);
        ErrorMapping errors = new ErrorMapping(clock);
        HttpRouting.Builder routing = HttpRouting.builder();
        Door door = new Door(DoorLimits.USUAL, System::nanoTime);
        Routes routes = new Routes(routing, authentication, audit, errors,
                new Routes.Gate(door, new Strangers(audit, System::nanoTime)));
        resources.forEach(resource -> resource.routes(routes));
        routes.refuseOtherMethods();
        routing.any((request, response) -> Routes.send(response, ErrorMapping.answer(errors.failure(
                FailureCode.NOT_FOUND, request.prologue().method() + " " + request.prologue().uriPath().path()
                        + " is nothing that this vault answers"))));
        WebServer server = WebServer.builder()
                .host(address.getHostString())
                .port(address.getPort())
                .tls(tls(identity))
                .maxPayloadSize(BODY_BYTES_MAX)
                .idleConnectionTimeout(Duration.ofMinutes(3))
                .connectionOptions(new DoorOptions(SocketOptions.builder().build(), door))
                .protocolsDiscoverServices(false)
                .addProtocol(Http1Config.builder().addReceiveListener(new RequestSigns(door)).build())
                .shutdownGracePeriod(Duration.ofSeconds(2))
                .shutdownHook(false)
                .directHandlers(inJson(errors))
                .addRouting(routing)
                .build()
                .start();
        // It does not throw when it cannot listen.
        if (!server.isRunning() || server.port() < 1) {
            throw cannotListen(address, "the server did not start");
        }
        door.start();
        return new HttpsServer(server, door);
    }

    /** The same question as the server's own, for an answer that a person understands: refuses with IN_USE. */
    public static void requireFree(InetSocketAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
        } catch (IOException e) {
            throw cannotListen(address, e.getMessage()).causedBy(e);
        }
    }

    private static FailureException cannotListen(InetSocketAddress address, String why) {
        return FailureException.of(FailureCode.IN_USE,
                "the vault cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + why,
                "End what listens there, or give the vault another address by --address.");
    }

    /** The port it listens on. */
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.stop();
        door.close();
    }

    private static Tls tls(TlsIdentity identity) {
        return Tls.builder()
                .privateKey(identity.key())
                .privateKeyCertChain(List.of(identity.certificate()))
                .trust(List.of(identity.authority()))
                .clientAuth(TlsClientAuth.OPTIONAL)
                .enabledProtocols(List.of("TLSv1.3"))
                .build();
    }

    private static DirectHandlers inJson(ErrorMapping errors) {
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        for (DirectHandler.EventType event : DirectHandler.EventType.values()) {
            if (event != DirectHandler.EventType.INTERNAL_ERROR) {
                handlers.addHandler(event, new DirectHandler() {
                    @Override
                    public TransportResponse handle(TransportRequest request, EventType type, Status status,
                            ServerResponseHeaders headers, String message) {
                        return refusal(errors, status, message);
                    }
                });
            }
        }
        return handlers.build();
    }

    private static DirectHandler.TransportResponse refusal(ErrorMapping errors, Status status, String message) {
        Answer answer = ErrorMapping.answer(errors.failure(FailureCode.REQUEST_INVALID,
                "this is no request that the vault understands: " + status.codeText() + " " + message));
        return DirectHandler.TransportResponse.builder()
                .status(status)
                .header(HeaderNames.CONTENT_TYPE, answer.mediaType())
                .entity(answer.body())
                .keepAlive(false)
                .build();
    }
}
