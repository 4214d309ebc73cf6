package org.understudy.vault.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** What strangers can bring about in log and audit: that they were there, and little more. */
class StrangersTest {
    private final AtomicLong nanos = new AtomicLong();
    private final List<AuditTrail.Entry> audited = new ArrayList<>();
    private final Strangers strangers = new Strangers(new AuditTrail() {
        @Override
        public void record(Entry entry) {
            audited.add(entry);
        }

        @Override
        public <T> T together(Supplier<T> deed) {
            return deed.get();
        }
    }, nanos::get);

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private void refuse(String from, String message) {
        Failure failure = FailureException.of(FailureCode.REGISTRATION_KEY_INVALID, message).failure();
        strangers.refused(address(from), "Register host", failure);
    }

    @Test
    void aThousandRefusalsAreARecordAMinuteAndAreCounted() {
        for (int i = 0; i < 1000; i++) {
            refuse("192.0.2.1", "x".repeat(60_000));
        }
        nanos.addAndGet(Duration.ofSeconds(61).toNanos());
        refuse("192.0.2.1", "again");
        assertThat(audited).hasSize(2);
        assertThat(audited.get(0).details().orElseThrow()).hasSizeLessThan(300);
        assertThat(audited.get(1).details().orElseThrow()).contains("and 999 times more");
        assertThat(strangers.count()).isEqualTo(1001);
    }

    @Test
    void manyAddressesAreNoMoreThanTwentyRecordsAMinute() {
        for (int i = 0; i < 5000; i++) {
            refuse("10.0." + i / 250 + "." + i % 250, "no");
        }
        assertThat(audited).hasSize(20);
    }

    @Test
    void whatIsToldMovesNoCursor() {
        refuse("192.0.2.1", "kvm\u001b[2J\n2026-01-01 admin");
        assertThat(audited.getFirst().details().orElseThrow()).isEqualTo("kvm\ufffd[2J\ufffd2026-01-01 admin");
    }

    @Test
    void whoFailsTooOftenWaitsAMinuteAndOthersDoNot() {
        for (int i = 0; i < 60; i++) {
            strangers.requirePatience(address("2001:db8::" + i));
            refuse("2001:db8::" + i, "no");
        }
        assertThatThrownBy(() -> strangers.requirePatience(address("2001:db8::ffff")))
                .isInstanceOf(FailureException.class).hasMessageContaining("BUSY");
        assertThatCode(() -> strangers.requirePatience(address("2001:db8:1::1"))).doesNotThrowAnyException();
        nanos.addAndGet(Duration.ofSeconds(61).toNanos());
        assertThatCode(() -> strangers.requirePatience(address("2001:db8::ffff"))).doesNotThrowAnyException();
    }
}
