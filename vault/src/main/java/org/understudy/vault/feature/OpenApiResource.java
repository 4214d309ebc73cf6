package org.understudy.vault.feature;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.understudy.api.VaultClient;
import org.understudy.vault.http.Answer;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.Role;
import org.understudy.vault.http.Routes;

/** The document of the REST interface, as the module of its words holds it. */
final class OpenApiResource implements Resource {
    @Override
    public void routes(Routes routes) {
        String document = document();
        routes.get("/openapi.yaml", Role.READER, request -> Answer.text("application/yaml", document));
    }

    private static String document() {
        try (InputStream in = VaultClient.class.getResourceAsStream("/openapi.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
