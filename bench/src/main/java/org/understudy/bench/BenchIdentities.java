package org.understudy.bench;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.understudy.model.HostId;
import org.understudy.replication.wire.PeerIdentity;
import org.understudy.replication.wire.TlsIdentity;

/** Identities of two hosts of one authority, as a vault gives them, for the wire measured by itself; good for a day. */
final class BenchIdentities {
    private static final X500Name AUTHORITY = new X500Name("CN=bench");

    private final Clock clock;
    private final KeyPair keys = newKeys();
    private final X509Certificate certificate;
    private long serial;

    BenchIdentities(Clock clock) {
        this.clock = clock;
        this.certificate = issue(AUTHORITY, keys, null);
    }

    TlsIdentity of(HostId host) {
        KeyPair own = newKeys();
        return new TlsIdentity(own.getPrivate(), List.of(issue(new X500Name("CN=" + host), own, host)), certificate);
    }

    private X509Certificate issue(X500Name subject, KeyPair own, HostId host) {
        Instant now = clock.instant();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                AUTHORITY, BigInteger.valueOf(++serial), Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(Duration.ofDays(1))), subject, own.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(host == null));
            if (host != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(
                        new GeneralName(GeneralName.uniformResourceIdentifier, PeerIdentity.urn(host))));
            }
            return new JcaX509CertificateConverter().getCertificate(
                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("no certificate can be made", e);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no key can be made", e);
        }
    }
}
