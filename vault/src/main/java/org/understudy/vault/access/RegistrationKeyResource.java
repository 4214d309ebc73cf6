package org.understudy.vault.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.understudy.api.ApiCodec;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.api.RegistrationKeyStateView;
import org.understudy.api.RegistrationKeyView;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.VaultId;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;

/**
 * {@code /registration-keys}: the files by which hosts find this vault, trust it and may join it; made, listed and
 * revoked. A key for a host that is registered already takes an administrator: it hands over all of that host's items.
 */
public final class RegistrationKeyResource implements Resource {
    private final RegistrationKeyStore store;
    private final Issuer issuer;
    private final Places places;
    private final Clock clock;

    /**
     * What stands in a key file; the agent reads it.
     *
     * @param url where agents reach the vault
     * @param authority the certificate to trust, PEM
     * @param host the registered host that may be set up anew with it; null when it is for hosts with new names
     */
    public record KeyFile(
            VaultId vault, String vaultName, URI url, String authority, String secret,
            @JsonInclude(JsonInclude.Include.NON_NULL) HostId host, Instant expiresAt) {}

    /**
     * What is the same in all keys of a vault.
     *
     * @param url asked for each key: the port is known only once the server listens
     */
    public record Issuer(VaultIdentity identity, Supplier<URI> url, String authority) {
        KeyFile file(RegistrationKeyStore.NewKey key, Optional<HostId> host) {
            return new KeyFile(
                    identity.id(), identity.name(), url.get(), authority, key.secret(),
                    host.orElse(null), key.expiresAt());
        }
    }

    /** Where hosts belong; what this package needs of those who know. Names and ids lead to the same. */
    public interface Places {
        /** The name of a site; NOT_FOUND if there is none. */
        String site(String nameOrId);

        /** A registered host; NOT_FOUND if there is none. */
        Place host(String nameOrId);
    }

    /** A host and its site. */
    public record Place(HostId host, String name, Optional<String> site) {}

    public RegistrationKeyResource(RegistrationKeyStore store, Issuer issuer, Places places, Clock clock) {
        this.store = store;
        this.issuer = issuer;
        this.places = places;
        this.clock = clock;
    }

    @Override
    public void routes(Routes routes) {
        routes.get("/registration-keys", Role.READER, request -> store.list().stream().map(this::view).toList());
        routes.post("/registration-keys", Role.CONTRIBUTOR, "Create registration key", this::create);
        routes.delete("/registration-keys/{key}", Role.CONTRIBUTOR, "Revoke registration key", request -> {
            UUID id = request.path("key", UUID::fromString);
            request.concerns("registration key " + id);
            store.revoke(id);
            return null;
        });
    }

    private Object create(Request request) {
        RegistrationKeyRequest asked = request.body(RegistrationKeyRequest.class);
        Duration validFor = given(asked.validFor()).orElse(RegistrationKeyStore.VALID_AT_MOST);
        if (validFor.compareTo(Duration.ofSeconds(1)) < 0
                || validFor.compareTo(RegistrationKeyStore.VALID_AT_MOST) > 0) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "a registration key is valid for 1 second to 5 days, not for " + validFor);
        }
        int hosts = given(asked.hosts()).orElse(1);
        if (hosts < 1 || hosts > RegistrationKeyStore.HOSTS_AT_MOST) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "A registration key is for 1 to %d hosts, not for %d.".formatted(
                            RegistrationKeyStore.HOSTS_AT_MOST, hosts));
        }
        Optional<Place> host = given(asked.host()).map(name -> place(request, name, hosts));
        Optional<String> site = given(asked.site()).map(places::site);
        host.ifPresent(place -> requireSite(place, site));
        request.concerns(host.map(place -> "host " + place.name())
                .orElseGet(() -> site.map(name -> "site " + name).orElse("no site")));
        var key = store.create(new RegistrationKeyStore.Purpose(
                host.isPresent() ? host.get().site() : site, host.map(Place::host), hosts), validFor,
                request.caller().name());
        return Answer.created(new RegistrationKeyView(key.id().toString(),
                file(key, host.map(Place::host)), key.expiresAt(),
                host.isPresent() ? host.get().site() : site, host.map(Place::name)));
    }

    private Place place(Request request, String name, int hosts) {
        if (!request.caller().role().allows(Role.ADMINISTRATOR)) {
            throw FailureException.of(FailureCode.NOT_PERMITTED,
                    "A key for a host that is registered already takes the role Administrator: who sets that host up "
                            + "anew gets all of its items.");
        }
        if (hosts != 1) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "A key for one registered host is for one host, not for " + hosts + ".");
        }
        return places.host(name);
    }

    private static void requireSite(Place host, Optional<String> site) {
        if (site.isPresent() && !site.equals(host.site())) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "Host %s is of %s, not of site %s.".formatted(
                    host.name(), host.site().map(name -> "site " + name).orElse("no site"), site.get()));
        }
    }

    private RegistrationKeyStateView view(RegistrationKeyStore.KnownKey key) {
        RegistrationKeyStateView.State state = key.used().revokedAt().isPresent()
                ? RegistrationKeyStateView.State.REVOKED
                : key.isSpent() ? RegistrationKeyStateView.State.USED
                : clock.instant().isBefore(key.made().expiresAt()) ? RegistrationKeyStateView.State.GOOD
                : RegistrationKeyStateView.State.EXPIRED;
        return new RegistrationKeyStateView(key.id().toString(), state, key.purpose().site(), key.hostName(),
                key.purpose().hosts(), key.used().hosts(), key.made().at(), key.made().by(), key.made().expiresAt(),
                key.used().lastAt(), key.used().revokedAt());
    }

    private static <T> Optional<T> given(Optional<T> value) {
        return Optional.ofNullable(value).flatMap(inner -> inner);
    }

    private String file(RegistrationKeyStore.NewKey key, Optional<HostId> host) {
        try {
            return ApiCodec.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(issuer.file(key, host)) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON of a key file", e);
        }
    }
}
