package org.understudy.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;

/**
 * Everything that does not belong at a port: text, random bytes, broken TLS, TLS with rubbish inside, requests that are
 * none. What the port answers, and whether it hangs up in the middle, is its own business.
 *
 * @param inside for TLS connections that get as far as to be open
 */
record Noise(InetSocketAddress port, SSLContext inside, Random random) {
    private static final int SILENT_MILLIS = 500;
    private static final int FLOOD_BYTES = 24 << 20;

    /** What is sent, and how much of it was taken. */
    private interface Rubbish {
        void send(OutputStream out) throws IOException;
    }

    /** Makes every kind of noise once; answers the names of those that the port did not even accept. */
    List<String> everyKind() {
        List<String> unaccepted = new ArrayList<>();
        plain("text", out -> out.write(text("HELO understudy\r\nquit\r\n")), unaccepted);
        plain("plain HTTP", out -> out.write(text("GET /api/v1/items HTTP/1.1\r\nHost: vault\r\n\r\n")), unaccepted);
        plain("random bytes", out -> out.write(randomBytes(64 << 10)), unaccepted);
        plain("a TLS record longer than TLS allows",
                out -> out.write(new byte[] {22, 3, 3, (byte) 0xff, (byte) 0xff, 1, 2, 3}), unaccepted);
        plain("half a TLS greeting", out -> out.write(new byte[] {22, 3, 1, 0, (byte) 200, 1, 0, 0}), unaccepted);
        plain("a megabyte of zeros", out -> out.write(new byte[1 << 20]), unaccepted);
        plain("nothing at all", out -> { }, unaccepted);
        secret("random bytes in TLS", out -> out.write(randomBytes(64 << 10)), unaccepted);
        secret("an unknown method", out -> out.write(text("\u0001\u0002RUBBISH * HTTP/9.9\r\n\r\n")), unaccepted);
        secret("a header without an end", out -> {
            out.write(text("GET / HTTP/1.1\r\nX: "));
            out.write(text("x".repeat(1 << 20)));
        }, unaccepted);
        secret("a body that is no JSON", out -> out.write(text(
                "POST /agent/v1/register HTTP/1.1\r\nHost: v\r\nContent-Length: 9\r\n\r\n{\"x\": [[[")), unaccepted);
        secret("a body that is too large", out -> {
            out.write(text("POST /api/v1/items HTTP/1.1\r\nHost: v\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 4000000000\r\n\r\n"));
            flood(out);
        }, unaccepted);
        secret("chunks that are none", out -> out.write(text("POST /api/v1/items HTTP/1.1\r\nHost: v\r\n"
                + "Transfer-Encoding: chunked\r\n\r\nzzzz\r\n\r\n")), unaccepted);
        secret("a message of four gigabytes",
                out -> out.write(new byte[] {1, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff}), unaccepted);
        return unaccepted;
    }

    /** Connections that say nothing; the caller closes them. */
    List<Socket> silence(int connections) throws IOException {
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            silent.add(connect());
        }
        return silent;
    }

    private void flood(OutputStream out) throws IOException {
        byte[] some = randomBytes(1 << 20);
        for (int sent = 0; sent < FLOOD_BYTES; sent += some.length) {
            out.write(some);
        }
    }

    private void plain(String name, Rubbish rubbish, List<String> unaccepted) {
        try (Socket socket = connect()) {
            talk(socket, rubbish);
        } catch (IOException e) {
            unaccepted.add(name + ": " + e);
        }
    }

    private void secret(String name, Rubbish rubbish, List<String> unaccepted) {
        try (Socket socket = connect();
                Socket tls = inside.getSocketFactory().createSocket(
                        socket, port.getHostString(), port.getPort(), true)) {
            tls.setSoTimeout(SILENT_MILLIS);
            talk(tls, rubbish);
        } catch (SocketException hungUp) {
            return;
        } catch (IOException e) {
            unaccepted.add(name + ": " + e);
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(port, 5000);
        socket.setSoTimeout(SILENT_MILLIS);
        return socket;
    }

    /** A port that hangs up before it has heard everything is right. */
    private static void talk(Socket socket, Rubbish rubbish) {
        try {
            OutputStream out = socket.getOutputStream();
            rubbish.send(out);
            out.flush();
            InputStream in = socket.getInputStream();
            byte[] answer = new byte[4096];
            int read = 0;
            while (read >= 0) {
                read = in.read(answer);
            }
        } catch (IOException hungUpOrSilent) {
            return;
        }
    }

    private byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
