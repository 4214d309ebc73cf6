package org.understudy.vault.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
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
    private final KeyFile common;
    private final UnaryOperator<String> siteName;

    /**
     * What stands in a key file; the agent reads it.
     *
     * @param url where agents reach the vault
     * @param authority the certificate to trust, PEM
     */
    public record KeyFile(
            VaultId vault, String vaultName, URI url, String authority, String secret, Instant expiresAt) {}

    /** What is the same in all keys of a vault: everything but secret and expiry. */
    public static KeyFile common(VaultIdentity identity, URI url, String authority) {
        return new KeyFile(identity.id(), identity.name(), url, authority, "", Instant.EPOCH);
    }

    /**
     * Over the vault's keys.
     *
     * @param siteName the name of the site that a name or id means; NOT_FOUND if there is none
     */
    public RegistrationKeyResource(RegistrationKeyStore store, KeyFile common, UnaryOperator<String> siteName) {
        this.store = store;
        this.common = common;
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
        KeyFile file = new KeyFile(common.vault(), common.vaultName(), common.url(), common.authority(),
                key.secret(), key.expiresAt());
        try {
            return ApiCodec.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(file) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON of a key file", e);
        }
    }
}
