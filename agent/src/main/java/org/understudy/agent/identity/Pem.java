package org.understudy.agent.identity;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

/** The text form (RFC 7468) of keys, certificates and certificate requests. */
final class Pem {
    private Pem() {}

    static String write(Object keyOrCertificate) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            // PKCS#8 names the curve; the older form of an EC key leaves it to a block beside it.
            writer.writeObject(keyOrCertificate instanceof PrivateKey key
                    ? new JcaPKCS8Generator(key, null)
                    : keyOrCertificate);
        }
        return text.toString();
    }

    static X509Certificate certificate(String pem) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            if (parser.readObject() instanceof X509CertificateHolder holder) {
                return new JcaX509CertificateConverter().getCertificate(holder);
            }
            throw new IOException("this is not a certificate in PEM form");
        } catch (CertificateException e) {
            throw new IOException("this certificate cannot be read: " + e.getMessage(), e);
        }
    }

    static PrivateKey privateKey(String pem) throws IOException {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            if (parser.readObject() instanceof PrivateKeyInfo key) {
                return new JcaPEMKeyConverter().getPrivateKey(key);
            }
            throw new IOException("this is not a private key in PKCS#8 PEM form");
        }
    }
}
