package org.understudy.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.HostId;

/** An identity survives restarts whole, and nobody else can read its key. */
class IdentityStoreTest {
    @TempDir
    private Path folder;

    @Test
    void isTheSameAfterARestart() throws Exception {
        AgentIdentity identity = identity();
        new IdentityStore(folder).save(identity);
        assertThat(new IdentityStore(folder).load()).contains(identity);
    }

    @Test
    void knowsOfNoIdentityBeforeTheFirstRegistration() throws Exception {
        assertThat(new IdentityStore(folder).load()).isEmpty();
    }

    @Test
    void letsNobodyElseIntoTheFolderOfTheKey() throws Exception {
        new IdentityStore(folder).save(identity());
        assertThat(Files.getPosixFilePermissions(folder.resolve("identity"))).containsExactlyInAnyOrder(
                PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);
    }

    private static AgentIdentity identity() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        X500Principal name = new X500Principal("CN=test");
        Instant now = Clock.systemUTC().instant();
        X509Certificate certificate = new JcaX509CertificateConverter().getCertificate(new JcaX509v3CertificateBuilder(
                name, BigInteger.ONE, Date.from(now), Date.from(now.plusSeconds(60)), name, pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
        return new AgentIdentity(HostId.random(), pair.getPrivate(), certificate, certificate, "https://10.0.0.1:8443");
    }
}
