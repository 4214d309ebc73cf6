package org.understudy.lab.deployment;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.understudy.api.VaultAddress;
import org.understudy.api.VaultClient;
import org.understudy.api.VaultView;

/**
 * A vault as a process of this machine, in reach of every host of a lab. Its database notices by itself when it was
 * killed, and ends.
 */
public final class VaultProcess extends ProductProcess {
    private static final int PORT = 8443;

    private final Launcher launcher;
    private final String address;
    private final Path data;

    /**
     * Starts nothing yet.
     *
     * @param address this machine's address in the lab
     * @param data the vault's folder, made by the vault
     */
    VaultProcess(Launcher launcher, String address, Path data, Path log) {
        super("the vault", log);
        this.launcher = launcher;
        this.address = address;
        this.data = data;
    }

    /** Starts it and waits until it answers over HTTPS. */
    public void start(Duration atMost) throws IOException {
        launch(new ProcessBuilder(launcher.command(
                "vault", "run", "--data", data.toString(), "--address", address + ":" + PORT)));
        Await.atMost(atMost).untilPresent("the vault at " + url() + " (see " + log() + ")", this::answer);
    }

    /** Empty while it does not answer. */
    private Optional<VaultView> answer() throws IOException {
        requireRunning();
        if (!Files.exists(authorityFile()) || !Files.exists(tokenFile())) {
            return Optional.empty();
        }
        try (VaultClient client = connect()) {
            return Optional.of(client.vault());
        }
    }

    public URI url() {
        return URI.create("https://" + address + ":" + PORT);
    }

    /** The certificate by which its clients know it, PEM. */
    public Path authorityFile() {
        return data.resolve("authority.pem");
    }

    /** The administrator's token. */
    public Path tokenFile() {
        return data.resolve("admin.token");
    }

    /** A client as its administrator; good across restarts, closed by the caller. */
    public VaultClient connect() {
        return new VaultClient(VaultAddress.of(url(), authorityFile(), tokenFile()));
    }
}
