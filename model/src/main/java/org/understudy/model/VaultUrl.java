package org.understudy.model;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Objects;

/**
 * Where a vault answers: {@code https://host:port}, without a path, with a port that exists (443 where none is given).
 * Whatever a person typed instead is refused as a {@link FailureException} REQUEST_INVALID that quotes it.
 */
public record VaultUrl(URI uri) {
    private static final int PORT_MAX = 65_535;
    private static final int QUOTED_MAX = 200;

    public VaultUrl {
        Objects.requireNonNull(uri, "uri");
        String text = uri.toString();
        if (!"https".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
            throw refusal(text, "it is not of the form https://host:port");
        }
        if (uri.getPort() == 0 || uri.getPort() > PORT_MAX) {
            throw refusal(text, "its port is " + uri.getPort() + ", and ports are 1 to " + PORT_MAX);
        }
        if (!uri.getRawPath().isEmpty() || uri.getRawQuery() != null || uri.getRawFragment() != null
                || uri.getRawUserInfo() != null) {
            throw refusal(text, "it has more than a host and a port");
        }
    }

    /** Reads what a person typed; a slash at its end means nothing. */
    public static VaultUrl parse(String text) {
        String bare = text.strip();
        boolean slash = bare.endsWith("/") && !bare.endsWith("//");
        try {
            return new VaultUrl(new URI(slash ? bare.substring(0, bare.length() - 1) : bare));
        } catch (URISyntaxException e) {
            throw refusal(bare, "it is not of the form https://host:port").causedBy(e);
        }
    }

    @Override
    public String toString() {
        return uri.toString();
    }

    private static FailureException refusal(String text, String why) {
        String quoted = text.length() > QUOTED_MAX ? text.substring(0, QUOTED_MAX) + "…" : text;
        return FailureException.of(FailureCode.REQUEST_INVALID,
                "The vault's address \"" + quoted + "\" cannot be used: " + why + ".",
                "Give the address that \"understudy vault run\" printed, such as https://vault.example:8443.");
    }
}
