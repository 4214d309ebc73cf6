package org.understudy.replication.wire;

import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;

/**
 * Who the other side of a TLS connection is, as its certificate says: the vault's authority puts the host's id into the
 * subject alternative name as the URI {@code urn:understudy:host:<uuid>}. The subject's common name is for people.
 */
public record PeerIdentity(HostId host) {
    /** What stands before the id in the URI. */
    public static final String URN = "urn:understudy:host:";

    private static final int URI = 6;

    public PeerIdentity {
        Objects.requireNonNull(host, "host");
    }

    /** The URI for a host's certificate. */
    public static String urn(HostId host) {
        return URN + host;
    }

    /**
     * Reads it from a certificate whose chain was verified.
     *
     * @throws FailureException {@code PEER_NOT_TRUSTED} when the certificate is not that of exactly one host
     */
    public static PeerIdentity of(X509Certificate certificate) {
        List<String> urns;
        try {
            urns = Optional.ofNullable(certificate.getSubjectAlternativeNames()).stream()
                    .flatMap(names -> names.stream())
                    .filter(name -> Objects.equals(name.get(0), URI))
                    .map(name -> name.get(1).toString())
                    .filter(uri -> uri.startsWith(URN))
                    .toList();
        } catch (CertificateParsingException e) {
            throw refusal("its certificate cannot be read: " + e.getMessage());
        }
        if (urns.size() != 1) {
            throw refusal("its certificate, \"" + certificate.getSubjectX500Principal() + "\", names " + urns.size()
                    + " hosts, not one");
        }
        try {
            return new PeerIdentity(HostId.parse(urns.getFirst().substring(URN.length())));
        } catch (IllegalArgumentException e) {
            throw refusal("its certificate names \"" + urns.getFirst() + "\", which is no host id");
        }
    }

    /** Reads it from a TLS session with a verified peer. */
    static PeerIdentity of(SSLSession session) throws SSLPeerUnverifiedException {
        Certificate[] chain = session.getPeerCertificates();
        if (chain.length == 0 || !(chain[0] instanceof X509Certificate certificate)) {
            throw refusal("it showed no X.509 certificate");
        }
        return of(certificate);
    }

    static FailureException refusal(String why) {
        return FailureException.of(FailureCode.PEER_NOT_TRUSTED, "The peer is not trusted: " + why + ".");
    }
}
