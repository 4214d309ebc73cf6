package org.understudy.acceptance;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.api.VaultAddress;
import org.understudy.api.VaultClient;
import org.understudy.lab.deployment.Await;

/** Another vault on this machine, beside the one of the test's world, with an authority and data of its own. */
final class SecondVault implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    private static final int PORT = 9443;

    private final URI url;
    private final Path data;
    private final Process process;

    private SecondVault(URI url, Path data, Process process) {
        this.url = url;
        this.data = data;
        this.process = process;
    }

    /** Starts it and waits until it answers. */
    static SecondVault start(String address, Path folder) throws IOException {
        Path data = folder.resolve("second-vault");
        Process process = new ProcessBuilder(ProductCommand.line(
                "vault", "run", "--data", data.toString(), "--address", address + ":" + PORT))
                .redirectErrorStream(true).redirectOutput(folder.resolve("second-vault.log").toFile()).start();
        SecondVault vault = new SecondVault(URI.create("https://" + address + ":" + PORT), data, process);
        Await.atMost(START).until("the second vault at " + vault.url, vault::answers, answered -> answered);
        return vault;
    }

    private boolean answers() {
        if (!Files.exists(data.resolve("admin.token")) || !Files.exists(authorityFile())) {
            return false;
        }
        try (VaultClient client = client()) {
            return client.vault() != null;
        }
    }

    URI url() {
        return url;
    }

    Path authorityFile() {
        return data.resolve("authority.pem");
    }

    /** The content of a new registration key of it. */
    String newKey() {
        try (VaultClient client = client()) {
            return client.createRegistrationKey(new RegistrationKeyRequest(Optional.empty(), Optional.empty())).file();
        }
    }

    private VaultClient client() {
        return new VaultClient(VaultAddress.of(url, authorityFile(), data.resolve("admin.token")));
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("the second vault did not end in order");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
