package org.understudy.replication.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A TCP proxy on loopback that on command forwards nothing any more and hangs up nobody: a cut cable. */
final class StallingProxy implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final int to;
    private volatile boolean stalled;

    StallingProxy(int to) throws IOException {
        this.to = to;
        Thread.ofVirtual().start(this::acceptAll);
    }

    int port() {
        return listening.getLocalPort();
    }

    void stall() {
        stalled = true;
    }

    /** What stalled stays lost; new connections get through. */
    void forwardAgain() {
        stalled = false;
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket source = listening.accept();
                Socket target = new Socket(InetAddress.getLoopbackAddress(), to);
                sockets.add(source);
                sockets.add(target);
                Thread.ofVirtual().start(() -> forward(source, target));
                Thread.ofVirtual().start(() -> forward(target, source));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void forward(Socket from, Socket into) {
        byte[] buffer = new byte[16 << 10];
        try (InputStream in = from.getInputStream(); OutputStream out = into.getOutputStream()) {
            int read = in.read(buffer);
            while (read >= 0 && !stalled) {
                out.write(buffer, 0, read);
                read = in.read(buffer);
            }
            if (read >= 0) {
                closed.await();
            }
        } catch (IOException | InterruptedException e) {
            // One side hung up, or the test is over.
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
