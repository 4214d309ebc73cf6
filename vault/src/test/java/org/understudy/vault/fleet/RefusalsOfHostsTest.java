package org.understudy.vault.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.understudy.command.AgentReport;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.vault.http.AuditTrail;

/** A registered host that went bad does not decide how much the audit grows. */
class RefusalsOfHostsTest {
    private final List<AuditTrail.Entry> kept = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final RefusalsOfHosts refusals = new RefusalsOfHosts(new AuditTrail() {
        @Override
        public void record(Entry entry) {
            kept.add(entry);
        }

        @Override
        public <T> T together(Supplier<T> deed) {
            return deed.get();
        }
    }, nanos::get);

    @Test
    void keepsABoundedNumberAMinuteAndCountsTheOthers() {
        Host rogue = host("kvm-rogue");
        for (int i = 0; i < 10_000; i++) {
            refusals.refused(rogue, refused("peer " + i));
        }
        assertThat(kept).hasSize(KeptPerMinute.KEPT);
        refusals.refused(host("kvm-other"), refused("somebody"));
        assertThat(kept).as("another host is heard all the same").hasSize(KeptPerMinute.KEPT + 1);

        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        refusals.refused(rogue, refused("the last"));
        assertThat(kept.getLast().object()).contains("the last");
        assertThat(kept.getLast().details().orElseThrow()).contains("9980 more before it");
        refusals.refused(rogue, refused("one more"));
        assertThat(kept.getLast().details().orElseThrow()).doesNotContain("more before it");
    }

    private static AgentReport.Refused refused(String peer) {
        return new AgentReport.Refused(peer, FailureException.of(
                FailureCode.RELATIONSHIP_REFUSED, "Host " + peer + " may not send segments.").failure());
    }

    private static Host host(String name) {
        return new Host(HostId.random(), name, "10.0.0.1", 8084, "0.1.0", Instant.EPOCH, Optional.empty());
    }
}
