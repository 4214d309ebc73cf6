package org.understudy.vault.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who stays at the vault's door, and for how long: with real sockets and a clock of the test's own. */
class DoorTest {
    private static final DoorLimits LIMITS = new DoorLimits(4, 2, 2, Duration.ofSeconds(10), Duration.ofSeconds(20),
            new DoorLimits.Times(Duration.ofSeconds(120), Duration.ofSeconds(60)));

    private final AtomicLong nanos = new AtomicLong();
    private final Door door = new Door(LIMITS, nanos::get);
    private final List<SocketChannel> opened = new ArrayList<>();
    private ServerSocketChannel listening;

    @BeforeEach
    void listen() throws IOException {
        listening = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
    }

    @AfterEach
    void close() throws IOException {
        for (SocketChannel channel : opened) {
            channel.close();
        }
        listening.close();
        door.close();
    }

    /** A connection from the loopback address 127.0.0.{@code last}, as the server sees it. */
    private SocketChannel enter(int last) throws IOException {
        SocketChannel client = SocketChannel.open();
        opened.add(client);
        client.bind(new InetSocketAddress(InetAddress.getByName("127.0.0." + last), 0));
        client.connect(listening.getLocalAddress());
        SocketChannel accepted = listening.accept();
        opened.add(accepted);
        door.enter(accepted);
        return accepted;
    }

    private static SocketAddress peer(SocketChannel accepted) throws IOException {
        return accepted.getRemoteAddress();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        door.look();
    }

    @Test
    void oneAddressHasFewConnectionsAndItsOldestGoes() throws IOException {
        SocketChannel other = enter(3);
        SocketChannel first = enter(2);
        SocketChannel second = enter(2);
        SocketChannel third = enter(2);
        assertThat(List.of(first.isOpen(), second.isOpen(), third.isOpen(), other.isOpen()))
                .containsExactly(false, true, true, true);
    }

    @Test
    void strangersTogetherHaveTheirPoolAndTheOldestGoes() throws IOException {
        SocketChannel first = enter(2);
        for (int last = 3; last < 7; last++) {
            enter(last);
        }
        assertThat(first.isOpen()).isFalse();
        assertThat(door.count()).isEqualTo(new Door.Count(4, 0, 1));
    }

    @Test
    void whoIsKnownStaysHoweverManyStrangersCome() throws IOException {
        SocketChannel known = enter(2);
        door.knows(peer(known));
        for (int i = 0; i < 50; i++) {
            enter(2 + i % 9);
        }
        assertThat(known.isOpen()).isTrue();
        assertThat(door.count().known()).isEqualTo(1);
        assertThat(door.count().strangers()).isEqualTo(4);
    }

    @Test
    void aHeadThatComesByteForByteEndsInTime() throws IOException {
        SocketChannel slow = enter(2);
        pass(Duration.ofSeconds(9));
        assertThat(slow.isOpen()).isTrue();
        pass(Duration.ofSeconds(2));
        assertThat(slow.isOpen()).isFalse();
    }

    @Test
    void aBodyHasItsOwnTimeAndTheVaultsAnswerAnother() throws IOException {
        SocketChannel channel = enter(2);
        door.begins(peer(channel));
        door.headEnds(peer(channel));
        pass(Duration.ofSeconds(19));
        door.answers(peer(channel));
        pass(Duration.ofSeconds(119));
        door.idles(peer(channel));
        pass(Duration.ofSeconds(59));
        assertThat(channel.isOpen()).isTrue();
        door.headEnds(peer(channel));
        pass(Duration.ofSeconds(21));
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void whatEndedByItselfTakesNoRoom() throws IOException {
        SocketChannel known = enter(2);
        door.knows(peer(known));
        known.close();
        enter(2).close();
        SocketChannel left = enter(2);
        enter(2);
        assertThat(left.isOpen()).isTrue();
        assertThat(door.count()).isEqualTo(new Door.Count(2, 0, 0));
    }
}
