package org.understudy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a person types as a vault's address is an address, or refused by name before anybody is asked. */
class VaultUrlTest {
    @ParameterizedTest
    @ValueSource(strings = {"https://vault.example:8443", "https://vault", "https://10.0.0.1:1", "https://[::1]:8443",
        "HTTPS://vault:65535", "https://vault:8443/", " https://vault:8443 "})
    void takesAnAddress(String text) {
        assertThat(VaultUrl.parse(text).uri().getHost()).isNotEmpty();
        assertThat(VaultUrl.parse(text).toString()).doesNotEndWith("/").doesNotContain(" ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "/", "vault", "vault:8443", "10.0.0.1:8443", "not a url", "http://vault:8443",
        "https://", "https:vault", "https:///path", "https://my_host:8443", "https://vault:0", "https://vault:65536",
        "https://vault:99999999999", "https://vault:-1", "https://vault:port", "https://vault:8443/path",
        "https://vault:8443?x=y", "https://vault:8443#x", "https://me@vault:8443", "https://[::1:8443",
        "ftp://vault", "file:///etc/passwd", "https://vault:8443//", "\u0000", "https://vault\n:8443"})
    void refusesWhatIsNoneAndQuotesIt(String text) {
        assertThatExceptionOfType(FailureException.class).isThrownBy(() -> VaultUrl.parse(text))
                .satisfies(refused -> {
                    assertThat(refused.failure().code()).isEqualTo(FailureCode.REQUEST_INVALID);
                    assertThat(refused.failure().message()).contains("\"" + text.strip().replaceFirst("(?<!/)/$", ""));
                    assertThat(refused.failure().recommendedAction()).contains("https://vault.example:8443");
                });
    }
}
