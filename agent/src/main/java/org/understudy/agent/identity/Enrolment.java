package org.understudy.agent.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.understudy.agent.vault.VaultConnection;
import org.understudy.command.AgentEndpoint;
import org.understudy.model.VaultUrl;

/**
 * How a host joins a vault: a key pair made here, its certificate asked for with a registration key, the identity
 * written down. The private key never leaves the host.
 */
public final class Enrolment {
    private final IdentityStore identities;
    private final String version;

    public Enrolment(IdentityStore identities, String version) {
        this.identities = identities;
        this.version = version;
    }

    /**
     * Registers and returns the identity, durable by then. Every refusal of the vault is a
     * {@link org.understudy.model.FailureException} and leaves what was here before untouched.
     *
     * @param vaultUrl instead of the address inside the key, where this host must go another way
     */
    public AgentIdentity register(
            KeyFile key, Optional<String> vaultUrl, String hostName, String replicationAddress, int replicationPort)
            throws IOException {
        String url = VaultUrl.parse(vaultUrl.orElse(key.url())).toString();
        KeyPair pair = newKeyPair();
        AgentEndpoint.Registered registered;
        try (VaultConnection vault = VaultConnection.anonymous(url, key.authority())) {
            registered = vault.register(new AgentEndpoint.Registration(
                    key.secret(), hostName, certificateRequest(pair, hostName), replicationAddress, replicationPort,
                    version));
        }
        AgentIdentity identity = new AgentIdentity(
                registered.host(), pair.getPrivate(), Pem.certificate(registered.certificate()),
                Pem.certificate(registered.authority()), url);
        identities.save(identity);
        return identity;
    }

    private static KeyPair newKeyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK makes P-256 keys", e);
        }
    }

    private static String certificateRequest(KeyPair pair, String hostName) throws IOException {
        try {
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate());
            X500Principal subject = new X500Principal("CN=" + hostName.replaceAll("[^A-Za-z0-9.-]", "-"));
            return Pem.write(new JcaPKCS10CertificationRequestBuilder(subject, pair.getPublic()).build(signer));
        } catch (OperatorCreationException e) {
            throw new AssertionError("a P-256 key signs its own request", e);
        }
    }
}
