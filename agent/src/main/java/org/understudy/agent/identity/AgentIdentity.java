package org.understudy.agent.identity;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import org.understudy.model.HostId;
import org.understudy.replication.wire.TlsIdentity;

/**
 * Who an agent is: the host id, the key pair and the certificate that its vault gave it, and where that vault is.
 *
 * @param authority the vault's certificate authority, the only one that vault and agents are trusted by
 * @param vaultUrl where the vault answers, such as {@code https://10.0.0.1:8443}
 */
public record AgentIdentity(
        HostId host, PrivateKey key, X509Certificate certificate, X509Certificate authority, String vaultUrl) {
    public AgentIdentity {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(certificate, "certificate");
        Objects.requireNonNull(authority, "authority");
        Objects.requireNonNull(vaultUrl, "vaultUrl");
    }

    /** The same towards vault and agents. */
    public TlsIdentity tls() {
        return new TlsIdentity(key, List.of(certificate, authority), authority);
    }
}
