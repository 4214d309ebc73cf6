package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.api.SiteView;
import org.understudy.api.VaultAddress;
import org.understudy.api.VaultClient;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandCodec;
import org.understudy.model.FailureException;
import org.understudy.vault.database.TestDatabase;

/** The vault as a process of its own, ended in the ways processes end. */
@Tag("slow")
class KilledVaultTest {
    private static final Pattern ANSWERS = Pattern.compile("answers at (https://\\S+)");

    @TempDir
    Path data;

    private Process vault;
    private URI url;

    @AfterEach
    void stop() throws InterruptedException {
        if (vault != null && vault.isAlive()) {
            vault.destroy();
            assertThat(vault.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(servers()).isEmpty();
    }

    private void start() throws IOException, InterruptedException {
        vault = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), Main.class.getName(), "run",
                "--data", data.toString(), "--address", "127.0.0.1:0",
                "--postgres-programs", TestDatabase.PROGRAMS.toString())
                .redirectErrorStream(true).start();
        CountDownLatch answers = new CountDownLatch(1);
        AtomicReference<String> found = new AtomicReference<>();
        List<String> said = new ArrayList<>();
        BufferedReader out = new BufferedReader(new InputStreamReader(vault.getInputStream(), StandardCharsets.UTF_8));
        Thread.ofVirtual().start(() -> out.lines().forEach(line -> {
            said.add(line);
            Matcher matcher = ANSWERS.matcher(line);
            if (matcher.find()) {
                found.set(matcher.group(1));
                answers.countDown();
            }
        }));
        assertThat(answers.await(60, TimeUnit.SECONDS)).as(() -> String.join("\n", said)).isTrue();
        url = URI.create(found.get());
    }

    private VaultClient client() {
        return new VaultClient(VaultAddress.of(url, data.resolve("authority.pem"), data.resolve("admin.token")));
    }

    /** Creates sites until the vault is gone, and tells which the vault said it has. */
    private List<String> createSitesUntilKilled(int round) throws InterruptedException {
        List<String> acknowledged = new ArrayList<>();
        CountDownLatch some = new CountDownLatch(20);
        Thread writer = Thread.ofVirtual().start(() -> {
            try (VaultClient client = client()) {
                for (int i = 0; i < 100_000; i++) {
                    acknowledged.add(client.createSite("site-" + round + "-" + i).name());
                    some.countDown();
                }
            } catch (FailureException e) {
                assertThat(e.failure()).isNotNull();
            }
        });
        assertThat(some.await(60, TimeUnit.SECONDS)).isTrue();
        vault.destroyForcibly();
        assertThat(writer.join(Duration.ofSeconds(90))).isTrue();
        assertThat(vault.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return acknowledged;
    }

    @Test
    void keepsWhatItAcknowledgedWhenItIsKilled() throws IOException, InterruptedException {
        start();
        TestAgent agent = new TestAgent(url, Files.readString(data.resolve("authority.pem")));
        try (VaultClient client = client()) {
            String key = client.createRegistrationKey(
                    new RegistrationKeyRequest(Optional.empty(), Optional.empty())).file();
            agent.register(CommandCodec.mapper().readTree(key).get("secret").asText(), "kvm1");
        }
        List<String> acknowledged = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            acknowledged.addAll(createSitesUntilKilled(round));
            start();
            assertThat(servers()).hasSize(1);
            try (VaultClient client = client()) {
                assertThat(client.sites()).extracting(SiteView::name).containsAll(acknowledged);
                assertThat(client.vault().hosts()).isEqualTo(1);
            }
            agent.moveTo(url);
            agent.report(new AgentReport.Heartbeat("0.1.0"));
        }
    }

    @Test
    void endsInOrderWhenItIsTold() throws IOException, InterruptedException {
        start();
        vault.destroy();
        assertThat(vault.waitFor(15, TimeUnit.SECONDS)).isTrue();
        assertThat(servers()).isEmpty();
        assertThat(data.resolve("postgres").resolve("postmaster.pid")).doesNotExist();
    }

    private List<String> servers() {
        String folder = data.resolve("postgres").toAbsolutePath().toString();
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().command().orElse("").endsWith("/postgres"))
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains("-D " + folder + " "))
                .toList();
    }
}
