package org.understudy.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.Extent;

/** A server that lies costs the connection: an {@link IOException}, in time, without memory or a wrong byte. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HostileServerTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    private Path folder;

    /** What the server does after the handshake, knowing the cookie of the first request. */
    private interface Answer {
        ByteBuffer to(long cookie);
    }

    /** What the client does. */
    private interface Use {
        void of(NbdDevice device) throws IOException;
    }

    private static ByteBuffer optionReply(int option, int type, ByteBuffer content) {
        ByteBuffer reply = ByteBuffer.allocate(20 + content.remaining());
        reply.putLong(NbdProtocol.OPTION_REPLY_MAGIC).putInt(option).putInt(type).putInt(content.remaining());
        return reply.put(content).flip();
    }

    /** All that a good server says before transmission; it may be said without listening. */
    private static ByteBuffer goodHandshake() {
        ByteBuffer all = ByteBuffer.allocate(1024);
        all.putLong(NbdProtocol.NBDMAGIC).putLong(NbdProtocol.IHAVEOPT).putShort((short) 3);
        all.put(optionReply(NbdProtocol.NBD_OPT_STRUCTURED_REPLY, NbdProtocol.NBD_REP_ACK, ByteBuffer.allocate(0)));
        ByteBuffer context = ByteBuffer.allocate(64).putInt(7).put(BlockStatus.BASE_ALLOCATION.getBytes()).flip();
        all.put(optionReply(NbdProtocol.NBD_OPT_SET_META_CONTEXT, NbdProtocol.NBD_REP_META_CONTEXT, context));
        all.put(optionReply(NbdProtocol.NBD_OPT_SET_META_CONTEXT, NbdProtocol.NBD_REP_ACK, ByteBuffer.allocate(0)));
        ByteBuffer export = ByteBuffer.allocate(12).putShort((short) 0).putLong(SIZE).putShort((short) 1).flip();
        all.put(optionReply(NbdProtocol.NBD_OPT_GO, NbdProtocol.NBD_REP_INFO, export));
        all.put(optionReply(NbdProtocol.NBD_OPT_GO, NbdProtocol.NBD_REP_ACK, ByteBuffer.allocate(0)));
        return all.flip();
    }

    private static ByteBuffer chunk(int type, long cookie, int length, byte... content) {
        ByteBuffer chunk = ByteBuffer.allocate(20 + content.length);
        chunk.putInt(NbdProtocol.STRUCTURED_REPLY_MAGIC).putShort((short) 1).putShort((short) type).putLong(cookie);
        return chunk.putInt(length).put(content).flip();
    }

    private void serve(ByteBuffer handshake, Answer answer, Use use) throws Exception {
        Path socket = folder.resolve("socket");
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket));
            Thread server = Thread.ofVirtual().start(() -> answerOne(listening, handshake, answer));
            try (NbdDevice device = NbdDevice.connect(socket, "x", List.of(BlockStatus.BASE_ALLOCATION))) {
                use.of(device);
            } finally {
                server.join();
            }
        } finally {
            Files.delete(socket);
        }
    }

    private static void answerOne(ServerSocketChannel listening, ByteBuffer handshake, Answer answer) {
        try (SocketChannel client = listening.accept()) {
            boolean good = handshake.equals(goodHandshake());
            client.write(handshake);
            if (!good) {
                // Whoever waits for the rest of it learns that there is none.
                client.shutdownOutput();
            }
            ByteBuffer said = ByteBuffer.allocate(4096);
            while (client.read(said.clear()) >= 0) {
                // The last 28 bytes are the request, if they begin as one.
                int at = said.position() - NbdProtocol.REQUEST_BYTES;
                if (at >= 0 && said.getInt(at) == NbdProtocol.REQUEST_MAGIC) {
                    client.write(answer.to(said.getLong(at + 8)));
                    return;
                }
            }
        } catch (IOException e) {
            // The client hung up first, which is what most of these tests are about.
            assertThat(listening.isOpen()).isTrue();
        }
    }

    private void refuses(Answer answer, Use use) throws Exception {
        serve(goodHandshake(), answer, device -> assertThatThrownBy(() -> use.of(device))
                .satisfiesAnyOf(e -> assertThat(e).isInstanceOf(IOException.class),
                        e -> assertThat(e).hasCauseInstanceOf(IOException.class)));
    }

    private static void read(NbdDevice device) throws IOException {
        device.read(4096, ByteBuffer.allocate(4096));
    }

    private static void status(NbdDevice device) {
        device.status(BlockStatus.BASE_ALLOCATION, new Extent(0, SIZE)).forEach(status -> { });
    }

    private static byte[] bytes(long offset, int more) {
        return ByteBuffer.allocate(8 + more).putLong(offset).array();
    }

    @Test
    void worksWithThisServerWhenItIsHonest() throws Exception {
        serve(goodHandshake(), cookie -> chunk(NbdProtocol.NBD_REPLY_TYPE_OFFSET_DATA, cookie, 8 + 4096,
                bytes(4096, 4096)), HostileServerTest::read);
    }

    @Test
    void refusesBytesOutsideOfWhatWasAsked() throws Exception {
        int data = NbdProtocol.NBD_REPLY_TYPE_OFFSET_DATA;
        refuses(cookie -> chunk(data, cookie, 8 + 4096, bytes(4097, 4096)), HostileServerTest::read);
        refuses(cookie -> chunk(data, cookie, 8 + 4096, bytes(0, 4096)), HostileServerTest::read);
        refuses(cookie -> chunk(data, cookie, 8 + 4096, bytes(-1, 4096)), HostileServerTest::read);
        refuses(cookie -> chunk(data, cookie, -1, bytes(4096, 0)), HostileServerTest::read);
        refuses(cookie -> chunk(data, cookie, 8, bytes(4096, 0)), HostileServerTest::read);
        refuses(cookie -> chunk(data, cookie, 3, new byte[3]), HostileServerTest::read);
    }

    @Test
    void refusesToCallAReadDoneThatIsNot() throws Exception {
        refuses(cookie -> chunk(NbdProtocol.NBD_REPLY_TYPE_NONE, cookie, 0), HostileServerTest::read);
        refuses(cookie -> chunk(NbdProtocol.NBD_REPLY_TYPE_OFFSET_DATA, cookie, 8 + 100, bytes(4096, 100)),
                HostileServerTest::read);
    }

    @Test
    void refusesTheSameBytesTwice() throws Exception {
        refuses(cookie -> {
            ByteBuffer twice = ByteBuffer.allocate(20_000);
            for (int i = 0; i < 2; i++) {
                ByteBuffer once = chunk(NbdProtocol.NBD_REPLY_TYPE_OFFSET_DATA, cookie, 8 + 3000, bytes(5000, 3000));
                twice.put(once.putShort(4, (short) 0));
            }
            return twice.flip();
        }, HostileServerTest::read);
    }

    @Test
    void refusesRepliesToRequestsThatWereNotMade() throws Exception {
        refuses(cookie -> chunk(NbdProtocol.NBD_REPLY_TYPE_NONE, cookie + 1, 0), HostileServerTest::read);
    }

    @Test
    void refusesBlockStatusThatCannotBe() throws Exception {
        int type = NbdProtocol.NBD_REPLY_TYPE_BLOCK_STATUS;
        refuses(cookie -> chunk(type, cookie, 12, ByteBuffer.allocate(12).putInt(7).array()),
                HostileServerTest::status);
        refuses(cookie -> chunk(type, cookie, 12, ByteBuffer.allocate(12).putInt(8).putInt(512).array()),
                HostileServerTest::status);
        refuses(cookie -> chunk(type, cookie, 20, ByteBuffer.allocate(20).putInt(7).putInt(SIZE).putInt(0).putInt(1)
                .array()), HostileServerTest::status);
        refuses(cookie -> chunk(type, cookie, 0x7ffffff4), HostileServerTest::status);
        refuses(cookie -> chunk(NbdProtocol.NBD_REPLY_TYPE_NONE, cookie, 0), HostileServerTest::status);
    }

    @Test
    void refusesErrorTextLongerThanItsChunk() throws Exception {
        refuses(cookie -> chunk(0x8001, cookie, 6, ByteBuffer.allocate(6).putInt(5).putShort((short) 100).array()),
                HostileServerTest::read);
        refuses(cookie -> chunk(0x8001, cookie, Integer.MAX_VALUE), HostileServerTest::read);
    }

    @Test
    void refusesAHandshakeThatCannotBe() {
        ByteBuffer good = goodHandshake();
        ByteBuffer negative = goodHandshake();
        negative.put(good.limit() - 20 - 2 - 8, (byte) 0x80);
        ByteBuffer huge = goodHandshake().putInt(18 + 16, Integer.MAX_VALUE);
        for (ByteBuffer handshake : List.of(negative, huge, ByteBuffer.allocate(18), good.duplicate().limit(40))) {
            assertThatThrownBy(() -> serve(handshake, cookie -> ByteBuffer.allocate(0), HostileServerTest::read))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void survivesRandomDamageAnywhere() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < 400; i++) {
            ByteBuffer handshake = goodHandshake();
            byte[] answer = new byte[64 + random.nextInt(8000)];
            random.nextBytes(answer);
            boolean damageHandshake = i % 2 == 0;
            if (damageHandshake) {
                int at = random.nextInt(handshake.limit());
                handshake.put(at, (byte) random.nextInt()).limit(at + random.nextInt(handshake.limit() - at + 1));
            }
            Answer damaged = cookie -> {
                ByteBuffer head = chunk(random.nextInt(7), cookie, random.nextInt(9000));
                boolean flags = random.nextBoolean();
                return ByteBuffer.allocate(20 + answer.length)
                        .put(flags ? head : head.putShort(6, (short) (0x8000 | random.nextInt(4)))).put(answer).flip();
            };
            boolean asksStatus = random.nextBoolean();
            try {
                serve(handshake, damaged, device -> {
                    if (asksStatus) {
                        status(device);
                    } else {
                        read(device);
                    }
                });
            } catch (IOException | java.io.UncheckedIOException e) {
                assertThat(e).hasMessageNotContaining("OutOfMemory");
            }
        }
    }
}
