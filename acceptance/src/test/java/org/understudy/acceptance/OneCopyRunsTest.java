package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.understudy.api.AuditView;
import org.understudy.api.HealthView;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.AgentProcess;
import org.understudy.lab.deployment.Await;

/**
 * The worst day: vault and primary are gone, and a person at the recovery host has nothing but its agent. Then both
 * come back, and one copy runs, whoever starts the other: with the agent, without it, or libvirt itself at its start.
 */
@Order(5)
class OneCopyRunsTest {
    private static final String VM = RunningProduct.VM;
    private static final Duration START = Duration.ofSeconds(120);

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("onecopy").withHost(Lab.STOCKHOLM, "trixie");

    @Test
    void whenVaultAndPrimaryAreGoneAndComeBack() throws IOException {
        LAB.protect();
        assertThat(agent(Lab.STOCKHOLM, "check").said()).contains("libvirt asks Understudy before it starts a VM");
        assertThat(agent(Lab.AMSTERDAM, "check").said()).contains("libvirt asks Understudy before it starts a VM");
        assertThat(refused(Lab.AMSTERDAM, "failover", VM, "--reason", "no", "--confirm", VM))
                .contains("The vault answers");
        Await.atMost(START).untilTrue("the networks that the vault has the target keep", () -> Files.exists(
                LAB.lab().host(Lab.AMSTERDAM).outside(AgentProcess.DATA.resolve("attachments.json"))));

        LAB.deployment().vault().kill();
        LAB.killSite(Lab.STOCKHOLM);
        failOverAtTheHost();
        LAB.deployment().startVault();
        Await.atMost(START).untilTrue("the vault to agree", () -> LAB.item().state().equals("CommitPending"));
        assertThat(LAB.vault().audit(100)).extracting(AuditView::action).contains("Failover at the host");

        LAB.lab().startSite(Lab.STOCKHOLM);
        LAB.startAgent(Lab.STOCKHOLM);
        // Nobody tries before: it would start.
        Await.atMost(START).untilTrue("the old primary to be told", () -> Files.readString(LAB.lab().host(Lab.STOCKHOLM)
                .outside(AgentProcess.DATA.resolve("roles").resolve(LAB.item().vm().toString())))
                .contains("role=left-behind"));
        System.out.println(start());
        assertThat(start()).contains("VM " + VM + " was failed over to " + Lab.AMSTERDAM);
        LAB.stopAgent(Lab.STOCKHOLM);
        virsh("autostart", VM);
        LAB.lab().killSite(Lab.STOCKHOLM);
        LAB.lab().startSite(Lab.STOCKHOLM);
        assertThat(virsh("domstate", VM)).as("libvirt started it with the host").contains("shut off");
        assertThat(start()).as("and nobody else does").contains("was failed over to " + Lab.AMSTERDAM);

        ProductCommand released = agent(Lab.STOCKHOLM, "release", VM, "--reason", "the test says so", "--yes");
        assertThat(released.status()).as(released.said()).isZero();
        assertThat(start()).contains("started");
        LAB.startAgent(Lab.STOCKHOLM);
        Await.atMost(START).untilTrue("two copies to be critical", () ->
                LAB.item().health().level() == HealthView.Level.CRITICAL && LAB.item().health().reasons().stream()
                        .anyMatch(reason -> reason.contains("released there by") && reason.contains("test says so")));
        System.out.println(LAB.item().health());
    }

    private static void failOverAtTheHost() throws IOException {
        System.out.println(agent(Lab.AMSTERDAM, "failover").said());
        ProductCommand look = agent(Lab.AMSTERDAM, "failover", VM);
        System.out.println(look.said());
        assertThat(look.said()).contains("network recovery", "Nothing was done");
        assertThat(refused(Lab.AMSTERDAM, "failover", VM, "--force", "--reason", "fire", "--confirm", "web02"))
                .contains("was not typed");
        ProductCommand done = agent(Lab.AMSTERDAM, "failover", VM, "--force", "--reason", "stockholm burns",
                "--confirm", VM);
        System.out.println(done.said());
        assertThat(done.status()).as(done.said()).isZero();
        LabGuest guest = LAB.lab().guest(VM, Lab.AMSTERDAM);
        guest.awaitAnswer(START);
    }

    private static ProductCommand agent(String host, String... words) throws IOException {
        String[] line = new String[words.length + 3];
        line[0] = "agent";
        System.arraycopy(words, 0, line, 1, words.length);
        line[words.length + 1] = "--data";
        line[words.length + 2] = AgentProcess.DATA.toString();
        return ProductCommand.at(LAB.lab(), host, line);
    }

    private static String refused(String host, String... words) throws IOException {
        ProductCommand command = agent(host, words);
        assertThat(command.status()).as(command.said()).isNotZero();
        return command.said();
    }

    /** What virsh says to whoever starts the VM at its old host. */
    private static String start() throws IOException {
        return virsh("start", VM);
    }

    private static String virsh(String... words) throws IOException {
        String[] line = new String[words.length + 1];
        line[0] = "virsh";
        System.arraycopy(words, 0, line, 1, words.length);
        try {
            return Program.output(LAB.lab().exec(Lab.STOCKHOLM, line));
        } catch (IOException refusal) {
            return Optional.ofNullable(refusal.getMessage()).orElse("");
        }
    }
}
