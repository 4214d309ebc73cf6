package org.understudy.replication.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.understudy.model.ByteCount;
import org.understudy.model.HostId;

/** What a host sends to itself, and when it does not. */
class WireWarmUpTest {
    private final TestAuthority vault = new TestAuthority("vault");
    private final HostId host = HostId.random();

    @Tag("slow")
    @Test
    void sendsToItselfWithTheHostsOwnCertificateUntilItIsEnough() throws IOException {
        try (WireWarmUp warmUp = new WireWarmUp(host, vault.host(host))) {
            assertThat(warmUp.run()).isGreaterThan(ByteCount.ZERO).isLessThanOrEqualTo(WireWarmUp.ENOUGH);
        }
    }

    @Test
    void sendsNothingWhenTheCertificateIsOfAnotherHost() throws IOException {
        try (WireWarmUp warmUp = new WireWarmUp(host, vault.host(HostId.random()))) {
            assertThat(warmUp.run()).isEqualTo(ByteCount.ZERO);
        }
    }

    @Test
    void sendsNothingOnceItIsClosed() throws IOException {
        WireWarmUp warmUp = new WireWarmUp(host, vault.host(host));
        warmUp.close();
        assertThat(warmUp.run()).isEqualTo(ByteCount.ZERO);
    }
}
