package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A unix socket between a client and a server that can be cut and mended, as a server's restart would. */
final class SocketRelay implements AutoCloseable {
    private final Path at;
    private final Path to;
    private final List<SocketChannel> open = new CopyOnWriteArrayList<>();
    private ServerSocketChannel server;

    SocketRelay(Path at, Path to) throws IOException {
        this.at = at;
        this.to = to;
        mend();
    }

    /** Ends every connection and refuses new ones. */
    void cut() throws IOException {
        server.close();
        Files.deleteIfExists(at);
        for (SocketChannel channel : open) {
            channel.close();
        }
        open.clear();
    }

    void mend() throws IOException {
        ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(at));
        server = listening;
        Thread.ofVirtual().start(() -> accept(listening));
    }

    @Override
    public void close() throws IOException {
        cut();
    }

    private void accept(ServerSocketChannel listening) {
        try {
            while (true) {
                SocketChannel client = listening.accept();
                SocketChannel target = SocketChannel.open(UnixDomainSocketAddress.of(to));
                open.addAll(List.of(client, target));
                Thread.ofVirtual().start(() -> pump(client, target));
                Thread.ofVirtual().start(() -> pump(target, client));
            }
        } catch (IOException e) {
            // Cut.
        }
    }

    private static void pump(SocketChannel from, SocketChannel to) {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        try (from; to) {
            while (from.read(bytes) >= 0) {
                bytes.flip();
                while (bytes.hasRemaining()) {
                    to.write(bytes);
                }
                bytes.clear();
            }
        } catch (IOException e) {
            // Cut.
        }
    }
}
