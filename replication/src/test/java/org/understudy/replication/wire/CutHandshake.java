package org.understudy.replication.wire;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A client's TCP socket that lets so many bytes out and is then cut: in order, or by a reset. */
final class CutHandshake extends Socket {
    private final boolean reset;
    private int left;

    private CutHandshake(int port, int bytes, boolean reset) throws IOException {
        super(InetAddress.getLoopbackAddress(), port);
        this.left = bytes;
        this.reset = reset;
    }

    /** Begins a handshake and a greeting, of which {@code bytes} bytes get to the server. */
    static void of(SSLContext context, int port, int bytes, boolean reset) throws IOException {
        try (CutHandshake cut = new CutHandshake(port, bytes, reset);
                SSLSocket tls = (SSLSocket) context.getSocketFactory()
                        .createSocket(cut, "127.0.0.1", port, false)) {
            try {
                tls.startHandshake();
                tls.getOutputStream().write(new byte[4]);
            } catch (IOException e) {
                // The cut.
            }
            cut.end();
        }
    }

    private void end() throws IOException {
        if (reset) {
            setSoLinger(true, 0);
        } else {
            shutdownOutput();
            super.getInputStream().readAllBytes();
        }
        super.close();
    }

    /** TLS closes it on the first error: the cut is to be ours. */
    @Override
    public void close() {}

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new FilterOutputStream(super.getOutputStream()) {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                int some = Math.min(left, length);
                out.write(bytes, offset, some);
                left -= some;
                if (some < length) {
                    throw new IOException("cut");
                }
            }
        };
    }
}
