package org.understudy.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
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
        return new ReplicationDialer(
                item, target.id(), target.address(), target.port(), identity.tls(), WireLimits.USUAL)
                .dial(generation);
    }

    /** TLS with its certificate, to say whatever one likes inside. */
    SSLContext tls() {
        return identity.tls().context();
    }

    @Override
    public void close() {
        vault.deleteHost(NAME);
    }
}
