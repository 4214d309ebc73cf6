package org.understudy.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.FailureException;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.VaultId;

/** A host whose identity was lost is never made a new host, or nobody would find again what it holds. */
class HostRemainsTest {
    @TempDir
    private Path folder;

    private Path agent;
    private Path replicas;

    @BeforeEach
    void name() {
        agent = folder.resolve("agent");
        replicas = folder.resolve("images/understudy");
    }

    private HostRemains remains() {
        return new HostRemains(agent, replicas);
    }

    private List<Path> ofAHost() {
        return List.of(agent.resolve("relationships").resolve(ItemId.random().toString()),
                agent.resolve("answers/job_start.json"), replicas.resolve(ItemId.random().toString()));
    }

    private static KeyFile key(Optional<HostId> host) {
        return new KeyFile(VaultId.random(), "https://10.0.0.1:8443", null, "secret", host, Instant.MAX);
    }

    @Test
    void neitherStartsNorJoinsAsANewHostWhereAHostsThingsAre() throws Exception {
        for (Path thing : ofAHost()) {
            Files.createDirectories(thing);
            for (var refused : List.<ThrowingCallable>of(
                    () -> remains().requireNone(), () -> remains().requireNoneFor(key(Optional.empty())))) {
                assertThatThrownBy(refused).as("%s", thing).isInstanceOfSatisfying(FailureException.class, e ->
                        assertThat(e.failure().toString()).contains(
                                "AGENT_FOLDER_INCOMPLETE", "identity/identity.json, is missing",
                                thing.getParent().getFileName().toString(), "--host NAME"));
            }
            Files.delete(thing);
        }
    }

    @Test
    void aKeyThatWasMadeForAHostBringsItBack() throws Exception {
        for (Path thing : ofAHost()) {
            Files.createDirectories(thing);
        }
        assertThatCode(() -> remains().requireNoneFor(key(Optional.of(HostId.random())))).doesNotThrowAnyException();
    }

    @Test
    void emptyFoldersAndThoseOfAFileSystemAreThoseOfANewHost() throws Exception {
        assertThatCode(() -> remains().requireNone()).doesNotThrowAnyException();
        for (Path thing : ofAHost()) {
            Files.createDirectories(thing.getParent());
        }
        Files.createDirectories(replicas.resolve("lost+found"));
        assertThatCode(() -> remains().requireNone()).doesNotThrowAnyException();
        assertThatCode(() -> remains().requireNoneFor(key(Optional.empty()))).doesNotThrowAnyException();
    }
}
