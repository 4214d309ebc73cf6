package org.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.ApiCodec;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentReport;
import org.understudy.model.HostFact;
import org.understudy.model.ItemId;
import org.understudy.vault.main.Awaiting;
import org.understudy.vault.main.Story;
import picocli.CommandLine;

/** The main job by the command line, against a real vault, as one story in order: what it prints and how it exits. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("slow")
class CommandLineStoryTest {
    @TempDir
    static Path data;
    private static Story story;

    private record Run(int exit, String out, String err) {
        JsonNode json() throws IOException {
            return ApiCodec.mapper().readTree(out);
        }
    }

    @BeforeAll
    static void tell() throws IOException {
        story = Story.told(data.resolve("vault"));
    }

    @AfterAll
    static void end() {
        story.close();
    }

    private static Run run(String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--vault", story.vault().url().toString(), "--ca",
                story.vault().authorityFile().toString(), "--token-file", story.vault().tokenFile().toString()));
        return bare(arguments.toArray(String[]::new));
    }

    private static Run bare(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(words);
        return new Run(exit, out.toString(), err.toString());
    }

    @Test
    @Order(1)
    void showsTheVaultAndItsInfrastructure() throws IOException {
        assertThat(run("status").out()).contains("nordic");
        assertThat(run("vault", "show", "-o", "json").json().get("hosts").asInt()).isEqualTo(2);
        assertThat(run("site", "list").out()).contains("stockholm", "amsterdam");
        assertThat(run("host", "list").out()).contains("kvm-sto", "yes");
        assertThat(run("pair", "list").out()).contains("gold-to-gold-ams", "fast");
        assertThat(run("network", "list", "--site", "amsterdam").out()).contains("prod-ams", "first, web");
        assertThat(run("network", "mappings").out()).contains("prod-ams");
        assertThat(run("vm", "list").out()).contains("web01", "Disk vdb of VM raw01 has the format raw.");
        assertThat(run("openapi").out()).startsWith("# The vault's REST interface");
    }

    @Test
    @Order(2)
    void makesAndDeletesObjects() throws IOException {
        assertThat(run("site", "create", "oslo").exit()).isZero();
        assertThat(run("policy", "create", "slow", "--every", "900", "--points", "3", "--no-compression", "-o", "json")
                .json().get("settings").get("standardPoints").asInt()).isEqualTo(3);
        assertThat(run("policy", "show", "slow").out()).contains("900 s", "off");
        assertThat(run("policy", "change", "slow", "--every", "60").out()).contains("60 s", "off");
        Run unconfirmed = run("site", "delete", "oslo");
        assertThat(unconfirmed.exit()).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(unconfirmed.err()).contains("--yes");
        assertThat(run("site", "delete", "oslo", "--dry-run").out()).contains("would delete site oslo");
        assertThat(run("site", "delete", "oslo", "--yes").exit()).isZero();
        assertThat(run("site", "show", "oslo").exit()).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    }

    @Test
    @Order(3)
    void writesARegistrationKeyThatItsOwnerAloneCanReadAndOverwritesNothing() throws IOException {
        Path key = data.resolve("stockholm.key");
        String[] words = {"registration-key", "create", "--site", "stockholm", "--output", key.toString(),
            "--valid-for", "PT1H"};
        assertThat(run(words).exit()).isZero();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key))).isEqualTo("rw-------");
        assertThat(ApiCodec.mapper().readTree(key.toFile()).get("secret").asText()).isNotBlank();
        assertThat(run(words).err()).contains("ALREADY_EXISTS");
    }

    @Test
    @Order(4)
    void saysWhatWentWrongAndWhatToDo() {
        Run unknown = run("protect", "web99");
        assertThat(unknown.exit()).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(unknown.err()).contains("error NOT_FOUND: there is no virtual machine \"web99\"", "what to do: ");
        assertThat(unknown.out()).isEmpty();
        assertThat(bare("site", "list", "--vault", "https://127.0.0.1:1", "--ca",
                story.vault().authorityFile().toString(), "--token-file", story.vault().tokenFile().toString()).err())
                .contains("VAULT_UNREACHABLE");
        assertThat(run("site", "list", "--no-such-option").exit()).isEqualTo(CommandLine.ExitCode.USAGE);
    }

    @Test
    @Order(4)
    void tellsWhatAHostLacksAndProtectsNothingThatCannotReplicate() {
        story.stockholm().report(new AgentReport.HostFacts(List.of(HostFact.yes("KVM", "VMs may use KVM here."),
                HostFact.missing("programs", "Missing: qemu-img.", "apt install qemu-utils"))));
        assertThat(run("host", "show", "kvm-sto").out())
                .containsPattern("yes +VMs may use KVM here").containsPattern("no, needed +Missing: qemu-img\\. +apt");
        Run protect = run("protect", "web01");
        assertThat(protect.exit()).isEqualTo(CommandLine.ExitCode.SOFTWARE);
        assertThat(protect.err()).contains("host kvm-sto lacks", "Missing: qemu-img.", "apt install qemu-utils",
                "understudy host show kvm-sto");
        story.stockholm().report(new AgentReport.HostFacts(List.of()));
    }

    @Test
    @Order(5)
    void protectsAndWaitsWithProgress() throws IOException {
        assertThat(run("protect", "web01", "--dry-run").out()).contains("make an empty replica of 1 disks");
        var protecting = CompletableFuture.supplyAsync(() -> run("protect", "web01", "--wait"));
        Awaiting.until(() -> story.stockholm().wasAsked(AgentCommand.StartReplication.class), is -> is);
        ItemId item = ItemId.parse(run("item", "list", "-o", "json").json().get(0).get("id").asText());
        story.stockholm().replicates(item, 50, 1);
        Awaiting.until(() -> run("item", "show", "web01").out(), text -> text.contains("50 %"));
        story.stockholm().replicates(item, 100, 5);
        story.amsterdam().holds(item, 3);
        Run protect = protecting.join();
        assertThat(protect.exit()).isZero();
        assertThat(protect.err()).contains("Enable protection: Enable replication: ");
        assertThat(protect.out()).contains("Protected", "prod-ams/web");
        assertThat(run("point", "list", "web01").out()).contains("1-5", "crash");
        assertThat(run("item", "pause", "web01", "--wait").out()).contains("Pause replication", "succeeded");
        assertThat(run("item", "resume", "web01", "--wait").out()).contains("Resume replication", "succeeded");
    }

    @Test
    @Order(6)
    void testsTheFailoverAndCleansUp() {
        Run test = run("failover", "test", "web01", "--wait");
        assertThat(test.exit()).isZero();
        assertThat(test.out()).contains("WaitingForStopTestFailover");
        assertThat(run("failover", "start", "web01", "--yes").err())
                .contains("Failover could not be initiated since test failover is in progress");
        assertThat(run("failover", "cleanup", "web01", "--notes", "fine", "--wait").exit()).isZero();
    }

    @Test
    @Order(7)
    void failsOverOnlyWhenConfirmedAndCommits() throws IOException {
        assertThat(run("failover", "start", "web01").exit()).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("failover", "start", "web01", "--force").err()).contains("--force needs --reason");
        assertThat(run("failover", "start", "web01", "--dry-run", "-o", "json").json().get("possible").asBoolean())
                .isTrue();
        assertThat(run("failover", "start", "web01", "--point", "latest", "--yes", "--wait").exit()).isZero();
        assertThat(run("item", "show", "web01").out()).contains("CommitPending");
        assertThat(run("commit", "web01", "--yes", "--wait").exit()).isZero();
        assertThat(run("item", "show", "web01", "-o", "json").json().get("state").asText()).isEqualTo("Committed");
        assertThat(run("job", "list", "--item", "web01").out()).contains("Failover", "Commit", "succeeded");
        assertThat(run("disable", "web01", "--yes", "--wait").exit()).isZero();
        assertThat(run("audit", "list").out()).contains("Disable protection");
    }
}
