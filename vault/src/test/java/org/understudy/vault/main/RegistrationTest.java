package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.understudy.vault.main.Refusals.assertRefused;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.understudy.api.AuditView;
import org.understudy.api.HostView;
import org.understudy.api.NewTokenView;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.api.RegistrationKeyStateView;
import org.understudy.api.RegistrationKeyView;
import org.understudy.api.TokenRequest;
import org.understudy.api.VaultAddress;
import org.understudy.api.VaultClient;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandCodec;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.ItemId;

/** Who may join the vault by a registration key, and as whom: no key opens another's host. */
@Tag("slow")
class RegistrationTest extends TellsAStory {
    private RegistrationKeyView key(Optional<String> site, Optional<String> host, int hosts) {
        return story.people().createRegistrationKey(
                new RegistrationKeyRequest(site, Optional.empty(), host, Optional.of(hosts)));
    }

    private static String secret(RegistrationKeyView key) throws IOException {
        return CommandCodec.mapper().readTree(key.file()).get("secret").asText();
    }

    private TestAgent stranger() throws IOException {
        return new TestAgent(story.vault().url(), Files.readString(story.vault().authorityFile()));
    }

    private void silence(ScriptedAgent agent) {
        agent.fallSilent();
        story.clock().move(Duration.ofMinutes(1));
    }

    private String targetThatTheSourceWasTold() {
        return story.stockholm().asked().stream().filter(AgentCommand.StartReplication.class::isInstance)
                .map(AgentCommand.StartReplication.class::cast).reduce((one, two) -> two).orElseThrow()
                .target().address();
    }

    /** The vault refuses as long as it does not know whether the agent before lives; that uses up no key. */
    private static Optional<AgentEndpoint.Registered> onceSilent(TestAgent again, String secret) {
        try {
            return Optional.of(again.register(secret, "kvm-ams", "192.0.2.99"));
        } catch (FailureException e) {
            assertThat(e).hasMessageContaining("has not listened for long enough");
            return Optional.empty();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aKeyLetsOneHostJoinUnlessItWasMadeForMore() throws IOException, InterruptedException {
        String once = secret(key(Optional.of("stockholm"), Optional.empty(), 1));
        stranger().register(once, "kvm-a");
        assertRefused(FailureCode.REGISTRATION_KEY_SPENT, "it was made for one host",
                () -> stranger().register(once, "kvm-b"));
        String twice = secret(key(Optional.of("stockholm"), Optional.empty(), 2));
        stranger().register(twice, "kvm-b");
        assertRefused(FailureCode.REQUEST_INVALID, () -> stranger().register(twice, "kvm c"));
        stranger().register(twice, "kvm-c");
        assertRefused(FailureCode.REGISTRATION_KEY_SPENT, () -> stranger().register(twice, "kvm-d"));
    }

    @Test
    void aKeyForNewHostsTakesOverNoHostHoweverSilentThatIs() throws IOException, InterruptedException {
        ItemId item = story.protectedItem();
        HostView before = story.people().host("kvm-ams");
        silence(story.amsterdam());
        for (String site : List.of("stockholm", "amsterdam")) {
            String secret = secret(key(Optional.of(site), Optional.empty(), 1));
            assertRefused(FailureCode.ALREADY_EXISTS, "this registration key was not made for it",
                    () -> stranger().register(secret, "kvm-ams", "203.0.113.66"));
            // What was refused used nothing up.
            stranger().register(secret, "kvm-new-" + site);
        }
        story.stockholm().replicates(item, 100, 6);
        assertThat(story.people().host("kvm-ams").address()).isEqualTo(before.address());
        assertThat(targetThatTheSourceWasTold()).isEqualTo(before.address());
    }

    @Test
    void aHostThatWasSetUpAnewKeepsItsItemsAndItsAddressIsToldWhenAPersonConfirmedIt()
            throws IOException, InterruptedException {
        ItemId item = story.protectedItem();
        silence(story.amsterdam());
        TestAgent again = stranger();
        String secret = secret(key(Optional.empty(), Optional.of("kvm-ams"), 1));
        AgentEndpoint.Registered registered = Awaiting.until(
                () -> onceSilent(again, secret), Optional::isPresent).orElseThrow();
        assertThat(registered.host()).isEqualTo(story.amsterdam().host());
        again.report(new AgentReport.Heartbeat("0.1.0"));
        assertRefused(FailureCode.NOT_PERMITTED,
                () -> story.amsterdam().report(new AgentReport.Heartbeat("0.1.0")));
        story.stockholm().replicates(item, 100, 6);

        HostView waiting = story.people().host("kvm-ams");
        assertThat(waiting.address()).isEqualTo("192.0.2.7");
        assertThat(waiting.anew()).hasValueSatisfying(anew -> assertThat(anew.address()).isEqualTo("192.0.2.99"));
        assertThat(targetThatTheSourceWasTold()).isEqualTo("192.0.2.7");
        assertThat(story.people().item(item.toString()).health().reasons()).anySatisfy(reason ->
                assertThat(reason).contains("Host kvm-ams was set up anew", "understudy host confirm kvm-ams"));
        assertThat(story.people().audit(10)).extracting(AuditView::action, AuditView::object, AuditView::outcome)
                .contains(tuple("Register host anew", Optional.of("host kvm-ams"), "done"));

        HostView confirmed = story.people().confirmHost("kvm-ams");
        assertThat(confirmed.address()).isEqualTo("192.0.2.99");
        assertThat(confirmed.anew()).isEmpty();
        assertRefused(FailureCode.STATE_FORBIDS, "nothing to confirm", () -> story.people().confirmHost("kvm-ams"));
    }

    @Test
    void aKeyForAHostIsForThatHostAloneAndForNoneThatIsConnected() throws IOException {
        story.stockholm().report(new AgentReport.Heartbeat("0.1.0"));
        String secret = secret(key(Optional.empty(), Optional.of("kvm-sto"), 1));
        assertRefused(FailureCode.ALREADY_EXISTS, "its agent is connected",
                () -> stranger().register(secret, "kvm-sto"));
        assertRefused(FailureCode.REGISTRATION_KEY_INVALID, "made for host kvm-sto",
                () -> stranger().register(secret, "kvm-new"));
        silence(story.amsterdam());
        assertRefused(FailureCode.ALREADY_EXISTS, "was not made for it",
                () -> stranger().register(secret, "kvm-ams"));
    }

    @Test
    void aKeyFileSaysForWhichHostItWasMade() throws IOException {
        assertThat(CommandCodec.mapper().readTree(key(Optional.empty(), Optional.of("kvm-sto"), 1).file())
                .path("host").asText()).isEqualTo(story.stockholm().host().toString());
        assertThat(CommandCodec.mapper().readTree(key(Optional.of("stockholm"), Optional.empty(), 1).file())
                .has("host")).isFalse();
    }

    @Test
    void aKeyForAHostTakesAnAdministrator() {
        NewTokenView token = story.people().createToken(new TokenRequest("builder", "CONTRIBUTOR"));
        VaultAddress admin = VaultAddress.of(
                story.vault().url(), story.vault().authorityFile(), story.vault().tokenFile());
        try (VaultClient builder = new VaultClient(
                new VaultAddress(admin.address(), admin.authority(), token.token()))) {
            assertRefused(FailureCode.NOT_PERMITTED, "Administrator", () -> builder.createRegistrationKey(
                    new RegistrationKeyRequest(Optional.empty(), Optional.empty(), Optional.of("kvm-sto"),
                            Optional.empty())));
            builder.createRegistrationKey(new RegistrationKeyRequest(Optional.of("stockholm"), Optional.empty()));
            assertRefused(FailureCode.NOT_PERMITTED, () -> builder.confirmHost("kvm-sto"));
        }
    }

    @Test
    void keysAreListedWithoutTheirSecretsAndRevoked() throws IOException {
        RegistrationKeyView made = key(Optional.of("stockholm"), Optional.empty(), 5);
        assertThat(story.people().registrationKeys()).anySatisfy(kept -> {
            assertThat(kept.id()).isEqualTo(made.id());
            assertThat(kept.state()).isEqualTo(RegistrationKeyStateView.State.GOOD);
            assertThat(kept.site()).contains("stockholm");
            assertThat(kept.createdBy()).isEqualTo("admin");
        }).allSatisfy(kept -> assertThat(kept.toString()).doesNotContain(secret(made)));
        story.people().revokeRegistrationKey(made.id());
        assertRefused(FailureCode.REGISTRATION_KEY_SPENT, "revoked",
                () -> stranger().register(secret(made), "kvm-late"));
        assertThat(story.people().registrationKeys()).filteredOn(kept -> kept.id().equals(made.id())).singleElement()
                .satisfies(kept -> assertThat(kept.state()).isEqualTo(RegistrationKeyStateView.State.REVOKED));
        assertRefused(FailureCode.NOT_FOUND, () -> story.people().revokeRegistrationKey(
                "00000000-0000-0000-0000-000000000001"));
    }

    @Test
    void aNameWithControlCharactersIsRefusedAndShownWithoutThem() throws IOException {
        String secret = secret(key(Optional.of("stockholm"), Optional.empty(), 1));
        assertRefused(FailureCode.REQUEST_INVALID, "\"a\ufffd\ufffd[2J\ufffdb\" is no name of a host",
                () -> stranger().register(secret, "a\u0000\u001b[2J\nb"));
        assertThat(story.people().audit(10)).extracting(record -> record.actor() + record.object() + record.details())
                .allSatisfy(text -> assertThat(text).matches("\\P{Cc}*"));
    }

    @Test
    void noHostBearsANameThatIsMistakenForAnId() throws IOException {
        String secret = secret(key(Optional.of("stockholm"), Optional.empty(), 1));
        for (String id : List.of(story.amsterdam().host().toString(),
                story.amsterdam().host().toString().toUpperCase(Locale.ROOT))) {
            assertRefused(FailureCode.REQUEST_INVALID, "looks like the id",
                    () -> stranger().register(secret, id, "203.0.113.66"));
        }
    }
}
