package org.understudy.agent.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.agent.local.LocalWords.Answer;
import org.understudy.agent.local.LocalWords.Request;
import org.understudy.agent.target.LocalTarget;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.command.CommandOutcome;
import org.understudy.command.HeldRole.Deed;
import org.understudy.command.MachineRole;
import org.understudy.command.ToldAttachments;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** A failover at the recovery host, over the very socket, with no vault. */
@Timeout(60)
class LocalFailoverTest {
    private static final String MAC = "52:54:00:00:00:01";
    private static final Optional<Deed> DEED = Optional.of(new Deed("anna", "stockholm burns", Optional.empty()));

    @TempDir
    private Path folder;
    private LocalTarget target;
    private AttachmentStore attachments;
    private LocalDoor door;
    private boolean vaultAnswers;
    private long newest = 1;

    @BeforeEach
    void begin() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/qemu-img")), "branches are made by qemu-img");
        target = new LocalTarget(folder.resolve("t"));
        target.cycle(MAC);
        attachments = new AttachmentStore(folder);
        door = LocalDoor.open(folder, new LocalFailover(() -> target.catalog().current(_ -> newest), target.machines(),
                attachments, (command, how) -> {
                    try {
                        return how.execute(command);
                    } catch (FailureException e) {
                        return new CommandOutcome.Failed(e.failure());
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }, () -> vaultAnswers, Clock.systemUTC()));
    }

    @AfterEach
    void end() throws IOException {
        door.close();
        target.close();
    }

    private Answer ask(Request request) throws IOException {
        Thread.ofVirtual().start(() -> {
            try {
                door.take();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        return LocalDoor.ask(folder, request);
    }

    private static Request request(Optional<String> vm, Optional<Deed> deed) {
        return new Request(vm, "latest", Optional.empty(), false, deed);
    }

    @Test
    void startsTheVmWhereTheVaultToldItsAdaptersToGoAndNotesWhoDidIt() throws IOException {
        attachments.accept(new ToldAttachments("d1", List.of(new ToldAttachments.OfItem(target.item(), List.of(
                new AdapterAttachment(0, MAC, Optional.of("prod-ams"), Optional.empty()))))));
        assertThat(new AttachmentStore(folder).digest()).contains("d1");

        Answer done = ask(request(Optional.of("web01"), DEED));

        assertThat(done.started().orElseThrow().point().position()).hasToString("1-1");
        assertThat(target.defined().orElseThrow()).contains("network=\"prod-ams\"");
        assertThat(target.roles().all(_ -> { })).singleElement().satisfies(note -> {
            assertThat(note.role()).isEqualTo(MachineRole.RUNNING_REPLICA);
            assertThat(note.held().deed().orElseThrow().by()).isEqualTo("anna");
            assertThat(note.held().deed().orElseThrow().point()).isPresent();
        });
        assertThat(ask(request(Optional.of("web01"), DEED)).started()).as("done again it is the same").isPresent();
    }

    @Test
    void saysWhatItWouldDoAndChangesNothing() throws IOException {
        assertThat(ask(request(Optional.empty(), Optional.empty())).candidates()).singleElement().satisfies(found -> {
            assertThat(found.name()).isEqualTo("web01");
            assertThat(found.newest().orElseThrow().position()).hasToString("1-1");
        });
        Request look = new Request(Optional.of("web01"), "1-1", Optional.of("lab"), false, Optional.empty());
        assertThat(ask(look).candidates().getFirst().plan()).anyMatch(step -> step.contains("1-1"))
                .anyMatch(step -> step.contains(MAC + " to network lab"));
        assertThat(target.told()).isEmpty();
        assertThat(target.defined()).isEmpty();
    }

    @Test
    void takesForceWhileTheVaultAnswers() throws IOException {
        vaultAnswers = true;
        assertRefused(FailureCode.SOURCE_STILL_RUNNING, request(Optional.of("web01"), DEED));
        assertThat(target.defined()).isEmpty();
        Request forced = new Request(Optional.of("web01"), "latest", Optional.empty(), true, DEED);
        assertThat(ask(forced).started()).isPresent();
    }

    @Test
    void noForceStartsWhatTheHostCannotRun() {
        target.cannotRun("Another VM named web01 exists on this host.");
        assertRefused(FailureCode.TARGET_CANNOT_RUN_VM,
                new Request(Optional.of("web01"), "latest", Optional.empty(), true, DEED));
    }

    @Test
    void startsNothingFromAReplicaWhoseVmGoesTheOtherWayByNow() throws IOException {
        newest = 2;
        assertThat(ask(request(Optional.empty(), Optional.empty())).candidates()).isEmpty();
        assertRefused(FailureCode.NOT_FOUND, new Request(Optional.of("web01"), "latest", Optional.empty(), true, DEED));
        assertThat(target.defined()).isEmpty();
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertRefused(FailureCode.NOT_FOUND, request(Optional.of("web02"), DEED));
        assertRefused(FailureCode.REQUEST_INVALID,
                new Request(Optional.of("web01"), "yesterday", Optional.empty(), false, DEED));
    }

    @Test
    void saysSoWhenNoAgentRuns() throws IOException {
        door.close();
        assertThatThrownBy(() -> LocalDoor.ask(folder, request(Optional.empty(), Optional.empty())))
                .isInstanceOfSatisfying(FailureException.class, e -> {
                    assertThat(e.failure().code()).isEqualTo(FailureCode.AGENT_UNREACHABLE);
                    assertThat(e.failure().recommendedAction()).contains("systemctl start", "needs no vault");
                });
    }

    private void assertRefused(FailureCode code, Request request) {
        assertThatThrownBy(() -> ask(request)).isInstanceOfSatisfying(FailureException.class, e ->
                assertThat(e.failure().code()).isEqualTo(code));
    }
}
