package org.understudy.vault.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.understudy.api.ApiCodec;
import org.understudy.api.RegistrationKeyRequest;
import org.understudy.api.RegistrationKeyView;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VaultId;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Request;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;

/** {@code POST /registration-keys}: the file by which a host finds this vault, trusts it and may join it. */
public final class RegistrationKeyResource implements Resource {
    private final RegistrationKeyStore store;
    private final Issuer issuer;
    private final UnaryOperator<String> siteName;

    /**
     * What stands in a key file; the agent reads it.
     *
     * @param url where agents reach the vault
     * @param authority the certificate to trust, PEM
     */
    public record KeyFile(
            VaultId vault, String vaultName, URI url, String authority, String secret, Instant expiresAt) {}

    /**
     * What is the same in all keys of a vault.
     *
     * @param url asked for each key: the port is known only once the server listens
     */
    public record Issuer(VaultIdentity identity, Supplier<URI> url, String authority) {
        KeyFile file(RegistrationKeyStore.NewKey key) {
            return new KeyFile(
                    identity.id(), identity.name(), url.get(), authority, key.secret(), key.expiresAt());
        }
    }

    /**
     * Over the vault's keys.
     *
     * @param siteName the name of the site that a name or id means; NOT_FOUND if there is none
     */
    public RegistrationKeyResource(RegistrationKeyStore store, Issuer issuer, UnaryOperator<String> siteName) {
        this.store = store;
        this.issuer = issuer;
        this.siteName = siteName;
    }

    @Override
    public void routes(Routes routes) {
        routes.post("/registration-keys", Role.CONTRIBUTOR, "Create registration key", this::create);
    }

    private Object create(Request request) {
        RegistrationKeyRequest asked = request.body(RegistrationKeyRequest.class);
        Duration validFor = Optional.ofNullable(asked.validFor()).flatMap(value -> value)
                .orElse(RegistrationKeyStore.VALID_AT_MOST);
        if (validFor.compareTo(Duration.ofSeconds(1)) < 0
                || validFor.compareTo(RegistrationKeyStore.VALID_AT_MOST) > 0) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "a registration key is valid for 1 second to 5 days, not for " + validFor);
        }
        Optional<String> site = Optional.ofNullable(asked.site()).flatMap(value -> value).map(siteName);
        request.concerns(site.map(name -> "site " + name).orElse("no site"));
        var key = store.create(site, validFor, request.caller().name());
        return Answer.created(new RegistrationKeyView(file(key), key.expiresAt(), site));
    }

    private String file(RegistrationKeyStore.NewKey key) {
        try {
            return ApiCodec.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(issuer.file(key)) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON of a key file", e);
        }
    }
}
