package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.CleanupRequest;
import org.understudy.api.DisableRequest;
import org.understudy.api.FailoverRequest;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.ProtectRequest;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.api.RegistrationKeyView;
import org.understudy.api.TestFailoverRequest;
import org.understudy.api.VaultAddress;
import org.understudy.api.VaultClient;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.AgentProcess;
import org.understudy.lab.deployment.Await;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/**
 * Whatever a person or another program asks for wrongly, too early, or twice is refused with words that name the thing,
 * the fact and what to do, and changes nothing; replication goes on meanwhile.
 */
@Order(7)
class WrongInputChangesNothingTest {
    private static final Duration SOON = AcceptanceLab.SOON;
    private static final List<FailureCode> NOT_NOW =
            List.of(FailureCode.STATE_FORBIDS, FailureCode.OPERATION_IN_PROGRESS);

    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("wrong").withGuest(
            GuestSize.SMALL.withDisks(ByteCount.ofMebibytes(192), ByteCount.ofMebibytes(64)));

    @TempDir
    private Path scratch;

    private Refusal refusal;

    @BeforeEach
    void protect() throws IOException {
        LAB.protect();
        refusal = new Refusal(LAB.vault());
    }

    @Test
    void refusesARegistrationKeyThatHasExpired() throws IOException {
        RegistrationKeyView key = LAB.vault().createRegistrationKey(
                new RegistrationKeyRequest(Optional.empty(), Optional.of(Duration.ofSeconds(1))));
        Await.atMost(SOON).until("the end of the key's time", () -> Clock.systemUTC().instant(),
                now -> now.isAfter(key.expiresAt()));
        refusal.isDemandedOfCommand(FailureCode.REGISTRATION_KEY_EXPIRED, List.of("expired at", "new key"),
                () -> register("late01", key.file()));
        assertThat(scratch.resolve("late01/identity")).doesNotExist();
    }

    @Test
    void refusesAKeyOfAnotherVaultAndAVaultThatIsNotTheKeys() throws IOException {
        String address = LAB.lab().address();
        try (SecondVault other = SecondVault.start(address, scratch)) {
            String ours = newKey();
            refusal.isDemandedOfCommand(FailureCode.REGISTRATION_KEY_OF_ANOTHER_VAULT, List.of("vault"),
                    () -> register("lost01", withAuthorityOfOurs(other.newKey())));
            refusal.isDemandedOfCommand(FailureCode.VAULT_CERTIFICATE_WRONG, List.of(other.url().toString()),
                    () -> register("lost02", ours, "--vault", other.url().toString()));
            refusal.isDemanded(FailureCode.VAULT_CERTIFICATE_WRONG, List.of(other.url().toString()),
                    () -> askWithAuthorityOfOurs(other));
        }
        assertThat(scratch.resolve("lost01/identity")).doesNotExist();
        assertThat(scratch.resolve("lost02/identity")).doesNotExist();
    }

    @Test
    void refusesADamagedKey() throws IOException {
        String key = newKey();
        refusal.isDemandedOfCommand(FailureCode.REGISTRATION_KEY_INVALID, List.of("damaged01.key"),
                () -> register("damaged01", key.substring(0, key.length() / 2)));
        refusal.isDemandedOfCommand(FailureCode.REGISTRATION_KEY_INVALID, List.of("damaged02.key"),
                () -> register("damaged02", "\u0000\u00ff rubbish"));
        String another = key.replaceFirst("(\"secret\"\\s*:\\s*\"[^\"]{80})..", "$1zz");
        assertThat(another).isNotEqualTo(key);
        refusal.isDemandedOfCommand(FailureCode.REGISTRATION_KEY_INVALID, List.of("damaged"),
                () -> register("damaged03", another));
    }

    @Test
    void refusesTheNameOfAConnectedHostAndAnAgentThatIsThereAlready() throws IOException {
        refusal.isDemandedOfCommand(FailureCode.ALREADY_EXISTS, List.of(Lab.STOCKHOLM, "was not made for it"),
                () -> register(Lab.STOCKHOLM, newKey()));
        refusal.isDemandedOfCommand(FailureCode.IN_USE, List.of(AgentProcess.DATA.toString()),
                () -> ProductCommand.at(LAB.lab(), Lab.STOCKHOLM, "agent", "run", "--data",
                        AgentProcess.DATA.toString()));
        refusal.isDemandedOfCommand(FailureCode.NOT_FOUND, List.of("nobody", "Register this host first"),
                () -> ProductCommand.at(LAB.lab(), Lab.STOCKHOLM, "agent", "run", "--data", "/tmp/nobody"));
        LAB.deployment().agent(Lab.STOCKHOLM).requireRunning();
        replicationGoesOn("after a second agent was refused");
    }

    @Test
    void refusesVmsThatAreUnknownOrProtected() {
        refusal.isDemanded(FailureCode.NOT_FOUND, List.of("nobody01"), () -> protect("nobody01"));
        refusal.isDemanded(FailureCode.VM_ALREADY_PROTECTED, List.of(LAB.vm()), () -> protect(LAB.vm()));
    }

    @Test
    void refusesDisksThatCannotBeTrackedAndNamesEach() throws IOException {
        DefinedMachines machines = new DefinedMachines(LAB.lab(), LAB.lab().host(Lab.STOCKHOLM));
        String raw = machines.raw();
        String shared = machines.shared();
        String block = machines.passedThrough();
        isReported(block);
        refusal.isDemanded(FailureCode.VM_CANNOT_BE_PROTECTED, List.of(raw, "vdb", "format raw"), () -> protect(raw));
        refusal.isDemanded(FailureCode.VM_CANNOT_BE_PROTECTED, List.of(shared, "vdb", "shared"), () -> protect(shared));
        refusal.isDemanded(FailureCode.VM_CANNOT_BE_PROTECTED, List.of(block, "vdb", "/dev/loop0"),
                () -> protect(block));
    }

    @Test
    void refusesWhatComesBeforeItsTimeAndWhatComesTwice() throws IOException {
        String vm = LAB.vm();
        refusal.isDemanded(FailureCode.STATE_FORBIDS, List.of(vm, "allowed"), () -> LAB.vault().commit(vm));
        refusal.isDemanded(FailureCode.STATE_FORBIDS, List.of(vm, "allowed"),
                () -> LAB.vault().cleanUpTestFailover(vm, new CleanupRequest(Optional.empty())));
        refusal.isDemanded(FailureCode.NO_RECOVERY_POINT, List.of(vm, "1-999999"), () -> LAB.vault().failOver(vm,
                new FailoverRequest(Optional.of("1-999999"), Optional.empty(), Optional.empty(), Optional.empty())));
        JobView test = LAB.suspended(LAB.vault().testFailover(vm, TestFailoverRequest.isolated()));
        refusal.isDemanded(NOT_NOW, List.of(vm), () -> LAB.vault().failOver(vm, FailoverRequest.latest()));
        refusal.isDemanded(NOT_NOW, List.of(vm), () -> LAB.vault().testFailover(vm, TestFailoverRequest.isolated()));
        refusal.isDemanded(NOT_NOW, List.of(vm), () -> LAB.vault().disable(vm, DisableRequest.asPolicySays()));
        refusal.isDemanded(NOT_NOW, List.of(vm), () -> LAB.vault().commit(vm));
        replicationGoesOn("while the test is open");
        LAB.succeeded(LAB.vault().cleanUpTestFailover(vm, new CleanupRequest(Optional.empty())));
        LAB.succeeded(test);
    }

    @Test
    void refusesToFailOverWhatIsNotAllThereYet() throws IOException {
        LAB.lab().cap(new ByteCount(300_000));
        LabGuest guest = LAB.lab().createGuest(
                GuestSize.SMALL.withDisks(ByteCount.ofMebibytes(128), ByteCount.ofMebibytes(32)), "early01",
                Lab.STOCKHOLM);
        try {
            ItemView item = LAB.deployment().protect(guest.name());
            assertThat(item.state()).isEqualTo("InitialReplication");
            refusal.isDemanded(FailureCode.STATE_FORBIDS, List.of("early01", "InitialReplication"),
                    () -> LAB.vault().failOver("early01", FailoverRequest.latest()));
            refusal.isDemanded(FailureCode.STATE_FORBIDS, List.of("early01", "InitialReplication"),
                    () -> LAB.vault().testFailover("early01", TestFailoverRequest.isolated()));
            LAB.succeeded(LAB.vault().disable(
                    "early01", new DisableRequest(Optional.of(true), Optional.empty())));
            assertThat(LAB.replicas(Lab.AMSTERDAM).resolve(item.id().toString())).doesNotExist();
        } finally {
            LAB.lab().uncap();
            guest.destroy();
        }
    }

    @Test
    void pausesWhenTheTargetHasNoSpaceAndGoesOnWhenItHas() throws IOException {
        List<String> points = pointIds();
        Path filler = LAB.lab().host(Lab.AMSTERDAM).images().resolve("filler");
        LogPosition before = acknowledged();
        long free = Files.getFileStore(filler.getParent()).getUsableSpace();
        Program.output("fallocate", "-l", Long.toString(free - (40L << 20)), filler.toString());
        try {
            ItemView paused = LAB.deployment().awaitItem(LAB.vm(), "the pause for want of space", item ->
                    item.trouble().filter(it -> it.code() == FailureCode.TARGET_STORAGE_FULL).isPresent(), SOON);
            System.out.println("paused: " + paused.trouble().orElseThrow() + " health " + paused.health());
            assertThat(paused.trouble().orElseThrow().message()).contains("free");
            assertThat(paused.state()).isEqualTo("Protected");
            long record = LAB.guest().status().records().last();
            Await.atMost(SOON).until("the guest to write on", () -> LAB.guest().status().records().last(),
                    last -> last > record);
            assertThat(acknowledged().sequence()).isGreaterThanOrEqualTo(before.sequence());
        } finally {
            Files.delete(filler);
        }
        replicationGoesOn("when there is space again");
        LAB.deployment().awaitItem(LAB.vm(), "the end of the trouble", item -> item.trouble().isEmpty(), SOON);
        assertThat(pointIds()).containsAll(points);
    }

    @Test
    void refusesSegmentsOfAnItemFromAHostThatIsNotItsSourceAndRecordsIt() throws IOException {
        ItemView item = LAB.item();
        try (Stranger stranger = Stranger.register(LAB.vault(), LAB.lab().address(), scratch)) {
            assertThatExceptionOfType(FailureException.class).isThrownBy(() -> stranger.greetAsSourceOf(item))
                    .satisfies(refused -> {
                        System.out.println("refused: " + refused.failure());
                        assertThat(refused.failure().code()).isEqualTo(FailureCode.RELATIONSHIP_REFUSED);
                        assertThat(refused.failure().message()).contains(item.id().toString());
                    });
            String peer = stranger.host().toString();
            var record = Await.atMost(SOON).untilPresent("the refusal in the audit", () -> LAB.vault().audit(100)
                    .stream().filter(it -> it.outcome().equals(FailureCode.RELATIONSHIP_REFUSED.name()))
                    .filter(it -> it.object().filter(object -> object.contains(peer)).isPresent())
                    .findFirst());
            System.out.println("audit: " + record);
            assertThat(record.details().orElseThrow()).contains(item.id().toString());
        }
        replicationGoesOn("after a stranger was refused");
    }

    @Test
    void goesOnWhileEveryPortIsFullOfNoise() throws IOException {
        try (Stranger stranger = Stranger.register(LAB.vault(), LAB.lab().address(), scratch);
                NoisyPorts ports = NoisyPorts.of(LAB, stranger)) {
            LogLines before = LogLines.of(LAB.deployment().logs());
            ports.makeNoise();
            LAB.vault().vault();
            replicationGoesOn("amid noise");
            LAB.deployment().agent(Lab.STOCKHOLM).requireRunning();
            LAB.deployment().agent(Lab.AMSTERDAM).requireRunning();
            LogLines grown = LogLines.of(LAB.deployment().logs()).since(before);
            System.out.println("noise left in the logs: " + grown);
            assertThat(grown.ofStackTraces()).isZero();
            assertThat(grown.all()).isLessThan(400);
        }
    }

    /** Three positions more are acknowledged, and the vault knows of them. */
    private static void replicationGoesOn(String when) throws IOException {
        long before = acknowledged().sequence();
        Await.atMost(SOON).until("replication to go on " + when, () -> acknowledged().sequence(),
                now -> now >= before + 3);
    }

    private static LogPosition acknowledged() {
        return LAB.item().progress().acknowledged().orElseThrow();
    }

    private static List<String> pointIds() {
        return LAB.vault().recoveryPoints(LAB.vm()).stream().map(point -> point.id()).toList();
    }

    private static JobView protect(String vm) {
        return LAB.vault().protect(ProtectRequest.of(vm));
    }

    private static void isReported(String vm) throws IOException {
        Await.atMost(SOON).until("VM " + vm + " in the inventory", () -> LAB.vault().machines(Optional.empty()),
                machines -> machines.stream().anyMatch(machine -> machine.machine().name().equals(vm)));
    }

    private static String newKey() {
        return LAB.vault().createRegistrationKey(
                new RegistrationKeyRequest(Optional.empty(), Optional.empty())).file();
    }

    private ProductCommand register(String name, String key, String... more) throws IOException {
        Path file = scratch.resolve(name + ".key");
        Files.writeString(file, key);
        List<String> words = new ArrayList<>(List.of("agent", "register", "--key", file.toString(), "--data",
                scratch.resolve(name).toString(), "--name", name, "--replication-address", LAB.lab().address()));
        words.addAll(List.of(more));
        return ProductCommand.run(words.toArray(String[]::new));
    }

    /** A key of another vault, sent to ours: with our address and authority, so that it gets as far as to be judged. */
    private static String withAuthorityOfOurs(String key) throws IOException {
        return new ObjectMapper().readTree(key).withObject("")
                .put("url", LAB.deployment().vault().url().toString())
                .put("authority", Files.readString(LAB.deployment().vault().authorityFile()))
                .toString();
    }

    private static void askWithAuthorityOfOurs(SecondVault other) throws IOException {
        try (VaultClient client = new VaultClient(new VaultAddress(
                other.url(), Files.readString(LAB.deployment().vault().authorityFile()), "any"))) {
            client.vault();
        }
    }
}
