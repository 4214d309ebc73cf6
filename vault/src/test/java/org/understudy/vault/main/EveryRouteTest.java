package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.AuditView;
import org.understudy.api.FailoverRequest;
import org.understudy.api.Operation;
import org.understudy.command.AgentCommand;

/** What holds on every route there is: asked of all that the vault has, none by name. */
@Tag("slow")
class EveryRouteTest {
    /** The routes that say what they would do; nothing else knows a dry run. */
    private static final Set<String> REHEARSABLE = Stream.concat(
            Stream.of("post /api/v1/items", "post /api/v1/hosts/{host}/holdings/{item}/remove"),
            Stream.of(Operation.values()).map(operation -> "post /api/v1/items/{item}/" + operation.path()))
            .collect(Collectors.toUnmodifiableSet());
    private static final Set<String> OPEN = Set.of("get /api/v1/health", "get /api/v1/ready");

    @TempDir
    static Path data;
    private static Story story;
    private static HttpClient client;
    private static String admin;

    @BeforeAll
    static void tell() throws IOException, GeneralSecurityException {
        story = Story.told(data);
        client = HttpClient.newBuilder().sslContext(Trust.of(story.vault().authorityFile())).build();
        admin = Files.readString(story.vault().tokenFile()).strip();
    }

    @AfterAll
    static void end() {
        client.close();
        story.close();
    }

    private static HttpResponse<String> send(String method, String path, Optional<String> token, String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(story.vault().url() + path))
                .method(method.toUpperCase(Locale.ROOT), HttpRequest.BodyPublishers.ofString(body));
        token.ifPresent(word -> request.header("Authorization", "Bearer " + word));
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> ask(String route, String query) throws IOException, InterruptedException {
        String[] parts = route.split(" ");
        return send(parts[0], parts[1].replaceAll("\\{[^}]*}", "kvm-sto") + query, Optional.of(admin), "{}");
    }

    @Test
    void unknownParametersAreRefusedAndTheDryRunWhereThereIsNone() throws IOException, InterruptedException {
        for (String route : OpenApiRoutesTest.routes()) {
            assertThat(ask(route, "?nonsense=1")).as(route).satisfies(answer -> {
                assertThat(answer.statusCode()).isEqualTo(400);
                assertThat(answer.body()).contains("There is no parameter", "nonsense");
            });
            HttpResponse<String> dry = ask(route, "?dryRun=true");
            if (!REHEARSABLE.contains(route)) {
                assertThat(dry.statusCode()).as(route).isEqualTo(400);
                assertThat(dry.body()).as(route).contains("There is no parameter");
            } else {
                assertThat(dry.body()).as(route).doesNotContain("There is no parameter");
            }
        }
    }

    @Test
    void nobodyIsAnsweredWithoutATokenButWhereEverybodyIs() throws IOException, InterruptedException {
        for (String route : OpenApiRoutesTest.routes()) {
            String[] parts = route.split(" ");
            assertThat(send(parts[0], parts[1].replaceAll("\\{[^}]*}", "x"), Optional.empty(), "{}").statusCode())
                    .as(route).isIn(OPEN.contains(route) ? List.of(200, 503) : List.of(401, 429));
        }
    }

    @Test
    void controlCharactersAreRefusedInPathsParametersAndBodies() throws IOException, InterruptedException {
        for (String route : OpenApiRoutesTest.routes()) {
            String[] parts = route.split(" ");
            if (parts[1].contains("{")) {
                assertThat(send(parts[0], parts[1].replaceAll("\\{[^}]*}", "a%00b"), Optional.of(admin), "{}"))
                        .as(route).satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(400));
            }
        }
        assertThat(send("get", "/api/v1/jobs?object=a%00", Optional.of(admin), "").statusCode()).isEqualTo(400);
        HttpResponse<String> site = send("post", "/api/v1/sites", Optional.of(admin), "{\"name\": \"a\\u0000b\"}");
        assertThat(site.statusCode()).isEqualTo(400);
        assertThat(site.body()).contains("name: a text has control characters");
    }

    @Test
    void everyChangeAndEveryRefusedOneIsInTheAudit() throws IOException, InterruptedException {
        for (String route : OpenApiRoutesTest.routes()) {
            if (!route.startsWith("get ")) {
                long before = newest();
                HttpResponse<String> answer = ask(route, "");
                assertThat(newest()).as(route + " answered " + answer.statusCode()).isGreaterThan(before);
            }
        }
    }

    @Test
    void aDryRunOfACommitCommitsNothing() throws IOException, InterruptedException {
        String item = story.protectedItem().toString();
        story.ended(story.people().failOver(item, FailoverRequest.latest()).id());
        HttpResponse<String> dry = send(
                "post", "/api/v1/items/" + item + "/commit?dryRun=true", Optional.of(admin), "{}");
        assertThat(dry.statusCode()).isEqualTo(200);
        assertThat(dry.body()).contains("delete the recovery points of item web01");
        assertThat(story.people().item(item).state()).isEqualTo("CommitPending");
        assertThat(story.amsterdam().wasAsked(AgentCommand.CommitFailover.class)).isFalse();
    }

    @Test
    void otherMethodsAreNamed() throws IOException, InterruptedException {
        HttpResponse<String> answer = send("patch", "/api/v1/sites", Optional.of(admin), "{}");
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("GET, POST");
        assertThat(send("get", "/api/v1/jobs?limit=99999999999", Optional.of(admin), "").body())
                .contains("it is a whole number, 1 to 1000").doesNotContain("input string");
    }

    private static long newest() {
        return story.people().audit(1).stream().mapToLong(AuditView::id).findFirst().orElse(0);
    }
}
