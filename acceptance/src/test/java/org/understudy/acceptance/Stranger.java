package org.understudy.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.understudy.agent.identity.AgentIdentity;
import org.understudy.agent.identity.IdentityStore;
import org.understudy.api.HostView;
import org.understudy.api.ItemView;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.api.VaultClient;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.replication.TargetEnd;
import org.understudy.replication.wire.ReplicationDialer;
import org.understudy.replication.wire.TlsIdentity;
import org.understudy.replication.wire.WireLimits;

/**
 * A host that is registered properly, holds a certificate of the vault, and replicates nothing: what it sends to other
 * agents is not its to send. {@link #close} forgets it in the vault.
 */
final class Stranger implements AutoCloseable {
    private static final String NAME = "stranger";

    private final VaultClient vault;
    private final AgentIdentity identity;

    private Stranger(VaultClient vault, AgentIdentity identity) {
        this.vault = vault;
        this.identity = identity;
    }

    /** Registers by the product's own command, in a folder of this machine. */
    static Stranger register(VaultClient vault, String address, Path folder) throws IOException {
        Path key = folder.resolve("stranger.key");
        Files.writeString(key, vault.createRegistrationKey(
                new RegistrationKeyRequest(Optional.empty(), Optional.empty())).file());
        ProductCommand registered = ProductCommand.run("agent", "register", "--key", key.toString(), "--data",
                folder.resolve("stranger").toString(), "--name", NAME, "--replication-address", address);
        if (registered.status() != 0) {
            throw new IOException("the stranger could not register: " + registered.said());
        }
        return new Stranger(vault, new IdentityStore(folder.resolve("stranger")).load().orElseThrow());
    }

    HostId host() {
        return identity.host();
    }

    /** Calls at the target of an item and greets as if it were the item's source. */
    TargetEnd greetAsSourceOf(ItemView item) throws IOException {
        return greet(item.id(), item.generation(), vault.host(item.route().targetHost().name()));
    }

    /** The same with any item and generation. */
    TargetEnd greet(ItemId item, long generation, HostView target) throws IOException {
        TlsIdentity tls = new TlsIdentity(
                identity.key(), List.of(identity.certificate(), identity.authority()), identity.authority());
        return new ReplicationDialer(item, target.id(), target.address(), target.port(), tls, WireLimits.USUAL)
                .dial(generation, "<domain/>");
    }

    /** TLS with its certificate, to say whatever one likes inside. */
    SSLContext tls() throws IOException {
        try {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            keys.setKeyEntry("stranger", identity.key(), new char[0],
                    new Certificate[] {identity.certificate(), identity.authority()});
            keys.setCertificateEntry("authority", identity.authority());
            KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
            own.init(keys, new char[0]);
            TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
            trusted.init(keys);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("no TLS with the stranger's certificate", e);
        }
    }

    @Override
    public void close() {
        vault.deleteHost(NAME);
    }
}
