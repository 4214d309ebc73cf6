package org.understudy.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JavaType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.main.Story;

/** A request that begins a job, made again because nobody knows whether it arrived. */
@Tag("slow")
@Timeout(120)
class RepeatedRequestTest {
    private static final JavaType JOB = ApiCodec.mapper().constructType(JobView.class);

    @TempDir
    Path data;

    @Tag("slow")
    @Test
    void beginsOneJobAndIsAnsweredWithItAgain() throws IOException {
        try (Story story = Story.told(data); VaultConnection vault = new VaultConnection(VaultAddress.of(
                story.vault().url(), story.vault().authorityFile(), story.vault().tokenFile()))) {
            String path = "/items/" + story.protectedItem() + "/failover";
            UUID key = UUID.randomUUID();
            JobView first = vault.begin(path, FailoverRequest.latest(), JOB, key);
            JobView again = vault.begin(path, FailoverRequest.latest(), JOB, key);
            assertThat(again.id()).isEqualTo(first.id());
            story.ended(first.id());
            assertThat(((JobView) vault.begin(path, FailoverRequest.latest(), JOB, key)).id()).isEqualTo(first.id());
            assertThat(story.people().audit(100).stream().filter(record -> record.action().equals("Failover")))
                    .hasSize(1);
            assertThatThrownBy(() -> vault.begin(path.replace("failover", "commit"), Map.of(), JOB, key))
                    .isInstanceOfSatisfying(FailureException.class, refused ->
                            assertThat(refused.failure().code()).isEqualTo(FailureCode.REQUEST_INVALID));
        }
    }
}
