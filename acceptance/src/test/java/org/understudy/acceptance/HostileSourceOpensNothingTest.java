package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.CleanupRequest;
import org.understudy.api.HealthView;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.TestFailoverRequest;
import org.understudy.api.TestFailoverView;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * Whoever owns the source's host owns the definitions that the target defines: the target opens, runs and answers
 * nothing because one of them names it, starts what is left, and says what it left out or why it does not start.
 */
@Order(7)
class HostileSourceOpensNothingTest {
    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("wrong").withGuest(
            GuestSize.SMALL.withDisks(ByteCount.ofMebibytes(192), ByteCount.ofMebibytes(64)));

    @TempDir
    private Path forgeries;

    private String definition;
    private Canaries canaries;

    @BeforeEach
    void protect() throws IOException {
        LAB.protect();
        definition = SourceTraces.of(LAB).definition();
        canaries = Canaries.at(LAB, Lab.AMSTERDAM);
    }

    @AfterEach
    void giveTheAgentBack() throws IOException {
        LAB.stopWitness();
        LAB.startAgent(Lab.STOCKHOLM);
        canaries.remove();
        Instant now = Clock.systemUTC().instant();
        LAB.deployment().awaitItem(LAB.vm(), "replication as before", item -> item.trouble().isEmpty()
                && item.latestPoint().filter(point -> point.capturedAt().isAfter(now)).isPresent()
                && item.differences().stream().noneMatch(it -> it.contains("canary")), AcceptanceLab.SOON);
    }

    @Test
    void andWhatItLeftOutIsNamedInTheTestThatRunsWithoutIt() throws IOException {
        forge(with("<os>", HostileDefinitions.ofTheBeginning(), with("</devices>", HostileDefinitions.devices(),
                with("</domain>", HostileDefinitions.parts(), definition)))
                .replaceFirst("<emulator>.*</emulator>",
                        "<emulator>" + HostileDefinitions.CANARY + "/program</emulator>")
                .replaceFirst("<rom enabled='no'/>", "<rom file='" + HostileDefinitions.CANARY + "/secret'/>")
                .replaceFirst("(<source file='[^']*-vda.qcow2'[^>]*>)", "$1<backingStore type='file'><format "
                        + "type='raw'/><source file='" + HostileDefinitions.CANARY + "/secret'/></backingStore>"));
        JobView test = LAB.suspended(LAB.vault().testFailover(LAB.vm(), TestFailoverRequest.isolated()));

        String machine = LAB.vm() + " - Test";
        assertThat(LAB.lab().guest(machine, Lab.AMSTERDAM).awaitAnswer(AcceptanceLab.SOON).state())
                .isEqualTo("writing");
        canaries.areStrangeTo(machine);
        canaries.areUntouched();
        TestFailoverView seen = LAB.item().testFailover().orElseThrow();
        System.out.println("left out of " + seen.vmName() + ":");
        seen.differences().forEach(difference -> System.out.println("  " + difference));
        Stream.of(HostileDefinitions.devices(), HostileDefinitions.parts(), HostileDefinitions.ofTheBeginning())
                .flatMap(forms -> forms.values().stream()).forEach(said -> assertThat(seen.differences())
                        .as("left out with words").anyMatch(difference -> difference.contains(said)));
        assertThat(LAB.item().differences()).as("what a failover would leave out")
                .anyMatch(it -> it.contains("canary"));

        LAB.succeeded(LAB.vault().cleanUpTestFailover(LAB.vm(), new CleanupRequest(Optional.empty())));
        LAB.succeeded(test);
        assertThat(HostTraces.virsh(LAB.lab().host(Lab.AMSTERDAM), "list", "--all", "--name")).doesNotContain(machine);
    }

    @Test
    void andWhatCannotBeLeftOutForbidsTheStartInItsHealthAndInTheJob() throws IOException {
        forge(HostileDefinitions.withKernel(with("</devices>", HostileDefinitions.thatForbidTheStart(), definition)));
        List<String> words = List.of("It begins from the kernel " + HostileDefinitions.CANARY + "/secret",
                "It keeps data in memory of kind nvdimm");
        ItemView told = LAB.deployment().awaitItem(LAB.vm(), "what forbids the start, in the item's health",
                item -> words.stream().allMatch(word -> item.health().reasons().stream()
                        .anyMatch(reason -> reason.contains(word))), AcceptanceLab.SOON);
        assertThat(told.health().level()).isEqualTo(HealthView.Level.CRITICAL);
        told.health().reasons().forEach(reason -> System.out.println("health: " + reason));

        assertThatExceptionOfType(FailureException.class).isThrownBy(() ->
                LAB.suspended(LAB.vault().testFailover(LAB.vm(), TestFailoverRequest.isolated()))).satisfies(failed -> {
                    System.out.println("job: " + failed.failure());
                    assertThat(failed.failure().code()).isEqualTo(FailureCode.TARGET_CANNOT_RUN_VM);
                    assertThat(failed.failure().message()).contains(words);
                });
        canaries.areUntouched();
        if (LAB.item().testFailover().isPresent()) {
            LAB.succeeded(LAB.vault().cleanUpTestFailover(LAB.vm(), new CleanupRequest(Optional.empty())));
        }
        assertThat(HostTraces.virsh(LAB.lab().host(Lab.AMSTERDAM), "list", "--all", "--name"))
                .doesNotContain(LAB.vm() + " - Test");
    }

    @Test
    void andWhatIsNoDefinitionOfTheVmIsRefusedAndRecorded() throws IOException {
        LAB.stopAgent(Lab.STOCKHOLM);
        RogueSource source = RogueSource.inPlaceOfTheAgent(LAB);
        refused(source, "<!DOCTYPE domain [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
                + "<domain><name>&b;</name></domain>", "DOCTYPE");
        // A peer that is refused for one reason over and over is recorded once a minute.
        System.out.println("audit: " + source.recorded("the refusal in the audit",
                details -> details.contains("that is none") && details.contains("DOCTYPE")));
        refused(source, "<!DOCTYPE domain [<!ENTITY s SYSTEM 'file://" + HostileDefinitions.CANARY + "/secret'>]>"
                + "<domain><name>&s;</name></domain>", "DOCTYPE");
        refused(source, "<domain type='kvm'><name>", "that is none");
        refused(source, "<network><name>x</name></network>", "that is none");
        refused(source, definition.replaceFirst("<uuid>.*</uuid>", "<uuid>11111111-2222-3333-4444-555555555555</uuid>"),
                "11111111-2222-3333-4444-555555555555");
        source.announce(300_000);
        System.out.println("audit: " + source.recorded("the refusal of one that is too long",
                details -> details.contains("300000")));
        canaries.areUntouched();
    }

    private static void refused(RogueSource source, String definition, String word) {
        assertThatExceptionOfType(FailureException.class).as(definition).isThrownBy(() -> source.define(definition))
                .satisfies(refused -> {
                    System.out.println("refused: " + refused.failure().message());
                    assertThat(refused.failure().code()).isEqualTo(FailureCode.RELATIONSHIP_REFUSED);
                    assertThat(refused.failure().message()).contains(word);
                });
    }

    /** Has a rogue agent tell this definition from now on; returns when a point has it. */
    private void forge(String forged) throws IOException {
        Files.writeString(RogueHypervisor.file(forgeries, LAB.item().vm()), forged);
        LAB.replaceAgent(Lab.STOCKHOLM, RogueAgent.command(forgeries));
        Await.atMost(AcceptanceLab.SOON).untilTrue("the forged definition at the target", () -> LAB.item().differences()
                .stream().anyMatch(it -> it.contains("canary")) || LAB.item().health().reasons().stream()
                .anyMatch(it -> it.contains("canary")));
    }

    /** A definition with further parts beside a mark of it: behind the one that opens, before the one that closes. */
    private static String with(String mark, Map<String, String> parts, String definition) {
        String all = String.join("", parts.keySet());
        return definition.replace(mark, mark.startsWith("</") ? all + mark : mark + all);
    }
}
