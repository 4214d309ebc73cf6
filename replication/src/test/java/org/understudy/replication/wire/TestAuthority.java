package org.understudy.replication.wire;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
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

/** A certificate authority for one test, as a vault has one. */
final class TestAuthority {
    private static final Random SERIALS = new Random(7);

    private final X500Name name;
    private final KeyPair keys = newKeys();
    private final X509Certificate certificate;

    TestAuthority(String name) {
        this.name = new X500Name("CN=" + name);
        this.certificate = issue(this.name, keys, new String[0], true);
    }

    /** The identity of a host that registered with this vault. */
    TlsIdentity host(HostId host) {
        return certified("CN=" + host, PeerIdentity.urn(host));
    }

    /** An identity with any names at all. */
    TlsIdentity certified(String subject, String... uris) {
        KeyPair own = newKeys();
        return new TlsIdentity(own.getPrivate(), List.of(issue(new X500Name(subject), own, uris, false)), certificate);
    }

    /** The identity of somebody who has a host's certificate and not its key. */
    TlsIdentity hostWithoutItsKey(HostId host) {
        TlsIdentity stolen = host(host);
        return new TlsIdentity(newKeys().getPrivate(), stolen.chain(), stolen.authority());
    }

    /** The identity of a host whose certificate ended a minute ago. */
    TlsIdentity expiredHost(HostId host) {
        KeyPair own = newKeys();
        X509Certificate expired = issue(new X500Name("CN=" + host), own, new String[] {PeerIdentity.urn(host)}, false,
                Instant.now().minus(Duration.ofMinutes(1)));
        return new TlsIdentity(own.getPrivate(), List.of(expired), certificate);
    }

    /** For a client that trusts this authority and shows no certificate. */
    SSLContext anonymous() {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("authority", certificate);
            TrustManagerFactory peers = TrustManagerFactory.getInstance("PKIX");
            peers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, peers.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** An identity of this authority that trusts another. */
    TlsIdentity hostTrusting(HostId host, TestAuthority other) {
        TlsIdentity own = host(host);
        return new TlsIdentity(own.key(), own.chain(), other.certificate);
    }

    private X509Certificate issue(X500Name subject, KeyPair own, String[] uris, boolean authority) {
        return issue(subject, own, uris, authority, Instant.now().plus(Duration.ofDays(1)));
    }

    private X509Certificate issue(
            X500Name subject, KeyPair own, String[] uris, boolean authority, Instant end) {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name, new BigInteger(64, SERIALS), Date.from(end.minus(Duration.ofDays(2))),
                Date.from(end), subject, own.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (uris.length > 0) {
                GeneralName[] names = new GeneralName[uris.length];
                for (int i = 0; i < uris.length; i++) {
                    names[i] = new GeneralName(GeneralName.uniformResourceIdentifier, uris[i]);
                }
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            return new JcaX509CertificateConverter().getCertificate(
                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
