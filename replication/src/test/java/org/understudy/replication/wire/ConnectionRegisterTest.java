package org.understudy.replication.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.understudy.model.FailureException;
import org.understudy.replication.wire.ConnectionRegister.Opening;

/** Who has room at a replication port. */
class ConnectionRegisterTest {
    private final ConnectionRegister register = new ConnectionRegister(2);
    private final List<Integer> closed = new ArrayList<>();

    private Optional<Opening> admit(int number, String address) throws IOException {
        Closeable socket = () -> closed.add(number);
        return register.admit(socket, InetAddress.getByName(address));
    }

    @Test
    void theOldestStrangerOfAnAddressMakesRoomAndAnIpv6NetworkIsOneAddress() throws IOException {
        admit(-1, "192.0.2.9");
        for (int i = 0; i < ConnectionRegister.STRANGERS_PER_ADDRESS_MAX + 3; i++) {
            assertThat(admit(i, "2001:db8::" + Integer.toHexString(i + 1))).isPresent();
        }
        assertThat(closed).containsExactly(0, 1, 2);
    }

    @Test
    void strangersOfManyAddressesMakeRoomForEachOtherAndNotForSessions() throws IOException {
        Opening source = admit(-1, "192.0.2.9").orElseThrow();
        register.established(source);
        for (int i = 0; i < 2 * ConnectionRegister.STRANGERS_MAX; i++) {
            admit(i, "10.0." + i / 250 + "." + i % 250);
        }
        assertThat(closed).hasSize(ConnectionRegister.STRANGERS_MAX).doesNotContain(-1);
        assertThat(admit(9999, "192.0.2.9")).isPresent();
    }

    @Test
    void addressesOfSourcesGoLast() throws IOException {
        Opening source = admit(-1, "192.0.2.9").orElseThrow();
        register.established(source);
        register.ended(source);
        admit(-2, "192.0.2.9");
        for (int i = 0; i < 2 * ConnectionRegister.STRANGERS_MAX; i++) {
            admit(i, "10.0." + i / 250 + "." + i % 250);
        }
        assertThat(closed).doesNotContain(-2);
    }

    @Test
    void whoComesWhenAllPlacesAreTakenIsToldThatItIsBusy() throws IOException {
        List<Opening> two = List.of(admit(1, "10.0.0.1").orElseThrow(), admit(2, "10.0.0.2").orElseThrow());
        two.forEach(register::established);
        Opening third = admit(3, "10.0.0.3").orElseThrow();
        assertThatThrownBy(() -> register.established(third)).isInstanceOf(FailureException.class)
                .hasMessageContaining("BUSY");
        register.ended(two.getFirst());
        register.established(third);
    }
}
