package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.understudy.vault.access.RegistrationKeyResource;
import org.understudy.vault.access.TokenResource;
import org.understudy.vault.audit.AuditResource;
import org.understudy.vault.feature.Features;
import org.understudy.vault.http.Resource;
import org.understudy.vault.http.RouteList;

/** Keeps the OpenAPI document and what the vault answers equal, in both directions. */
class OpenApiRoutesTest {
    private static final Pattern PATH = Pattern.compile(" {2}(/\\S*):");
    private static final Pattern METHOD = Pattern.compile(" {4}(get|post|put|delete):");

    @Test
    void documentAndRoutesAreTheSame() throws IOException {
        assertThat(documented()).isEqualTo(routes());
    }

    /** All that the vault answers to people, as {@code get /api/v1/sites}. */
    static Set<String> routes() {
        return RouteList.of(resources());
    }

    private static List<Resource> resources() {
        List<Resource> resources = new ArrayList<>(
                Features.wired(null, null, null, null, null, Clock.systemUTC()).resources());
        resources.add(new VaultResource(null, null, null, Clock.systemUTC(), null));
        resources.add(new TokenResource(null));
        resources.add(new RegistrationKeyResource(null, null, null, null));
        resources.add(new AuditResource(null));
        return resources;
    }

    private static Set<String> documented() throws IOException {
        Set<String> found = new TreeSet<>();
        String path = "";
        for (String line : Files.readAllLines(Path.of("../api/src/main/resources/openapi.yaml"))) {
            if (line.equals("components:")) {
                break;
            }
            Matcher isPath = PATH.matcher(line);
            Matcher isMethod = METHOD.matcher(line);
            if (isPath.matches()) {
                path = isPath.group(1);
            } else if (isMethod.matches()) {
                found.add(isMethod.group(1) + " /api/v1" + path);
            }
        }
        return found;
    }
}
