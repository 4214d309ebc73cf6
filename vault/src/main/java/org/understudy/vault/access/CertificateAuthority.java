package org.understudy.vault.access;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.vault.database.SecretFile;
import org.understudy.vault.http.TlsIdentity;

/**
 * The vault's own certificate authority: P-256, its key in a file of the data folder that the owner alone can read. It
 * certifies the vault's server and its agents, and nobody trusts anybody else (SEC-02).
 */
public final class CertificateAuthority {
    private static final Duration AUTHORITY_VALID = Duration.ofDays(20 * 365);

    /** The vault's own is made anew at each start. */
    private static final Duration SERVER_VALID = Duration.ofDays(2 * 365);

    /** Long, as replication goes on without the vault; removal of the host ends it earlier. */
    private static final Duration AGENT_VALID = Duration.ofDays(2 * 365);

    /** Clocks of hosts may be a little behind. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private final PrivateKey key;
    private final X509Certificate certificate;
    private final Clock clock;

    private CertificateAuthority(PrivateKey key, X509Certificate certificate, Clock clock) {
        this.key = key;
        this.certificate = certificate;
        this.clock = clock;
    }

    /** Opens the authority in the files, or founds it where there is neither; a lost half is never made anew. */
    public static CertificateAuthority open(Path keyFile, Path certificateFile, String vaultName, Clock clock)
            throws IOException {
        if (Files.exists(keyFile) != Files.exists(certificateFile)) {
            throw FailureException.of(FailureCode.VAULT_FOLDER_INCOMPLETE,
                    "Of the vault's authority the file %s is missing."
                            .formatted(Files.exists(keyFile) ? certificateFile : keyFile));
        }
        if (!Files.exists(certificateFile)) {
            found(keyFile, certificateFile, vaultName, clock.instant());
        }
        try {
            PrivateKey key = new JcaPEMKeyConverter().getPrivateKey(
                    Pem.read(Files.readString(keyFile), PrivateKeyInfo.class)
                            .orElseThrow(() -> new IOException(keyFile + " holds no key")));
            X509Certificate certificate = toJdk(
                    Pem.read(Files.readString(certificateFile), X509CertificateHolder.class)
                            .orElseThrow(() -> new IOException(certificateFile + " holds no certificate")));
            if (!belongTogether(key, certificate)) {
                throw new IOException(keyFile + " and " + certificateFile + " do not belong together");
            }
            return new CertificateAuthority(key, certificate, clock);
        } catch (GeneralSecurityException e) {
            throw new IOException(certificateFile + " is not usable: " + e.getMessage(), e);
        }
    }

    /** The authority's own certificate: what agents and people are given to trust. */
    public String certificatePem() {
        return Pem.write(certificate);
    }

    /** A key and certificate for the server that answers under these names and addresses. */
    public TlsIdentity serverIdentity(List<String> namesAndAddresses) {
        KeyPair keys = newKeys();
        List<GeneralName> names = new ArrayList<>();
        for (String name : namesAndAddresses) {
            names.add(new GeneralName(isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name));
        }
        X509Certificate issued = issue("understudy vault", keys.getPublic(), names, SERVER_VALID);
        return new TlsIdentity(keys.getPrivate(), issued, certificate);
    }

    /**
     * Certifies an agent's own key as that of a host.
     *
     * @param request PKCS#10, PEM; of what it asks for, the key alone is taken
     */
    public X509Certificate issueAgent(String request, HostId host) {
        PublicKey agentKey = keyOf(request);
        return issue(host.toString(), agentKey,
                List.of(new GeneralName(GeneralName.uniformResourceIdentifier, "urn:understudy:host:" + host)),
                AGENT_VALID);
    }

    /** A certificate as PEM. */
    public static String pem(X509Certificate certificate) {
        return Pem.write(certificate);
    }

    private static boolean belongTogether(PrivateKey key, X509Certificate certificate)
            throws GeneralSecurityException {
        byte[] probe = certificate.getEncoded();
        Signature signing = Signature.getInstance("SHA256withECDSA");
        signing.initSign(key);
        signing.update(probe);
        byte[] signature = signing.sign();
        signing.initVerify(certificate.getPublicKey());
        signing.update(probe);
        return signing.verify(signature);
    }

    private static PublicKey keyOf(String request) {
        try {
            PKCS10CertificationRequest parsed = Pem.read(request, PKCS10CertificationRequest.class)
                    .orElseThrow(() -> refused("it is no PKCS#10 request in PEM"));
            PublicKey key = new JcaPKCS10CertificationRequest(parsed).getPublicKey();
            if (!parsed.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw refused("it is not signed by its own key");
            }
            return key;
        } catch (GeneralSecurityException | PKCSException | OperatorCreationException e) {
            throw refused(e.getMessage()).causedBy(e);
        }
    }

    private static FailureException refused(String why) {
        return FailureException.of(FailureCode.REQUEST_INVALID, "the certificate request cannot be used: " + why);
    }

    private X509Certificate issue(String commonName, PublicKey subjectKey, List<GeneralName> names, Duration valid) {
        try {
            Instant now = clock.instant();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    certificate, serial(), Date.from(now.minus(BACKDATED)),
                    Date.from(now.plus(valid)),
                    new X500Principal(name(commonName).getEncoded()), subjectKey);
            var extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(
                    new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
            builder.addExtension(Extension.subjectAlternativeName, false,
                    new GeneralNames(names.toArray(GeneralName[]::new)));
            builder.addExtension(Extension.subjectKeyIdentifier, false,
                    extensions.createSubjectKeyIdentifier(subjectKey));
            builder.addExtension(Extension.authorityKeyIdentifier, false,
                    extensions.createAuthorityKeyIdentifier(certificate));
            return toJdk(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("the authority could not sign a certificate for " + commonName, e);
        }
    }

    private static void found(Path keyFile, Path certificateFile, String vaultName, Instant now) throws IOException {
        KeyPair keys = newKeys();
        X500Name name = name("Understudy vault " + vaultName + " authority");
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(name, serial(),
                    Date.from(now.minus(BACKDATED)), Date.from(now.plus(AUTHORITY_VALID)), name, keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(Extension.subjectKeyIdentifier, false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
            X509Certificate certificate = toJdk(
                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
            // The key first: the certificate's file is the sign that the authority was founded.
            SecretFile.write(keyFile, Pem.write(new JcaPKCS8Generator(keys.getPrivate(), null)));
            SecretFile.write(certificateFile, Pem.write(certificate));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("the certificate authority could not be founded", e);
        }
    }

    private static X500Name name(String commonName) {
        return new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
    }

    private static BigInteger serial() {
        return new BigInteger(127, new SecureRandom()).add(BigInteger.ONE);
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK makes P-256 keys", e);
        }
    }

    private static X509Certificate toJdk(X509CertificateHolder holder) throws GeneralSecurityException {
        return new JcaX509CertificateConverter().getCertificate(holder);
    }

    private static boolean isAddress(String name) {
        return name.matches("[0-9.]+") || name.contains(":");
    }
}
