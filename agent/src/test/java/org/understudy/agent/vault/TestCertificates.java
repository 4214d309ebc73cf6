package org.understudy.agent.vault;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A vault's authority for one test, with a server on loopback and one agent. */
final class TestCertificates {
    private final X500Name name;
    private final KeyPair keys = newKeys();
    private final KeyPair agentKeys = newKeys();
    private final X509Certificate authority;

    TestCertificates(String name) {
        this.name = new X500Name("CN=" + name);
        this.authority = issue(this.name, keys, true);
    }

    X509Certificate authority() {
        return authority;
    }

    X509Certificate agent() {
        return issue(new X500Name("CN=agent"), agentKeys, false);
    }

    PrivateKey agentKey() {
        return agentKeys.getPrivate();
    }

    /** A server with a certificate of this authority, which takes clients of another (or of this) alone. */
    SSLServerSocket server(TestCertificates clients) throws IOException {
        try {
            KeyPair own = newKeys();
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", own.getPrivate(), new char[0],
                    new Certificate[] {issue(new X500Name("CN=server"), own, false)});
            KeyManagerFactory shown = KeyManagerFactory.getInstance("PKIX");
            shown.init(store, new char[0]);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("authority", clients.authority);
            TrustManagerFactory taken = TrustManagerFactory.getInstance("PKIX");
            taken.init(trusted);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(shown.getKeyManagers(), taken.getTrustManagers(), null);
            SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory()
                    .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
            server.setNeedClientAuth(true);
            return server;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private X509Certificate issue(X500Name subject, KeyPair own, boolean isAuthority) {
        Instant now = Clock.systemUTC().instant();
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(name,
                    BigInteger.valueOf(System.nanoTime()), Date.from(now.minus(Duration.ofHours(1))),
                    Date.from(now.plus(Duration.ofDays(1))), subject, own.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            builder.addExtension(Extension.subjectAlternativeName, false,
                    new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
            return new JcaX509CertificateConverter().getCertificate(
                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
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
