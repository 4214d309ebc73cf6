package org.understudy.agent.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.understudy.model.FailureException;

/** What others are told to reach this host by leads to this host, as far as this host can tell. */
class ReplicationAddressTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.1.1", "::1", "[::1]", "0.0.0.0", "::", "[::]", "localhost",
        "LocalHost", "localhost.localdomain"})
    void refusesWhatLeadsEveryHostToItself(String typed) {
        assertThatThrownBy(() -> ReplicationAddress.parse(typed)).isInstanceOf(FailureException.class)
                .hasMessageContaining(typed).hasMessageContaining("to themselves");
    }

    @Test
    void takesAnAddressWithBracketsAsTheOneWithin() {
        assertThat(ReplicationAddress.parse("[fd00::12]").value()).isEqualTo("fd00::12");
        assertThat(ReplicationAddress.parse("fd00::12").warning()).isEmpty();
        assertThat(ReplicationAddress.parse("10.0.1.11").warning()).isEmpty();
    }

    @Test
    void warnsOfANameThatNobodyKnows() {
        assertThat(ReplicationAddress.parse("kvm9.invalid").warning().orElseThrow().fact())
                .contains("kvm9.invalid");
    }
}
