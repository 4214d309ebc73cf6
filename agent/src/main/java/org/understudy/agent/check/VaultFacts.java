package org.understudy.agent.check;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.agent.identity.AgentIdentity;
import org.understudy.model.FailureTeller;
import org.understudy.model.HostFact;

/** Whether the vault answers this host, and how far apart the clocks of the two are. */
final class VaultFacts {
    /** Certificates bear with an hour; what is shown beside an RPO of seconds does not. */
    private static final Duration APART_MAX = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private VaultFacts() {}

    static List<HostFact> of(AgentIdentity identity, Clock clock) {
        URI address = URI.create(identity.vaultUrl() + "/api/v1/health");
        try (HttpClient client = HttpClient.newBuilder().sslContext(identity.tls().context())
                .connectTimeout(PATIENCE).build()) {
            HttpResponse<Void> answer = client.send(
                    HttpRequest.newBuilder(address).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.discarding());
            List<HostFact> facts = new ArrayList<>();
            facts.add(HostFact.yes("vault", "The vault at " + identity.vaultUrl() + " answers this host."));
            facts.add(apart(answer.headers().firstValue("date").flatMap(VaultFacts::instant), clock.instant()));
            return facts;
        } catch (IOException e) {
            return List.of(unreachable(identity, FailureTeller.reason(e)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of(unreachable(identity, "interrupted"));
        }
    }

    private static HostFact unreachable(AgentIdentity identity, String why) {
        return HostFact.no("vault", "The vault at " + identity.vaultUrl() + " does not answer this host: " + why
                + ".", "Start the vault, open its port (8443/tcp) for this host, and see that its name is known here.");
    }

    static HostFact apart(Optional<Instant> theirs, Instant ours) {
        if (theirs.isEmpty()) {
            return HostFact.unknown("clock: difference to the vault", "The vault tells no time.", "");
        }
        // Theirs is told in whole seconds.
        Duration apart = Duration.between(theirs.get(), ours);
        String fact = "The clocks of this host and the vault are " + apart.abs().toSeconds() + " s apart.";
        return apart.abs().compareTo(APART_MAX) <= 0 ? HostFact.yes("clock: difference to the vault", fact)
                : HostFact.no("clock: difference to the vault", fact,
                        "Let both follow a time server: apt install systemd-timesyncd (or chrony).");
    }

    private static Optional<Instant> instant(String date) {
        try {
            return Optional.of(ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
        } catch (DateTimeException noTime) {
            return Optional.empty();
        }
    }
}
