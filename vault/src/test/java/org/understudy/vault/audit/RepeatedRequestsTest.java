package org.understudy.vault.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.vault.database.TestDatabase;
import org.understudy.vault.http.AuditTrail.Repeat;
import org.understudy.workflow.sql.Database;

/** What may be asked for again under one key. */
class RepeatedRequestsTest {
    private static final String FAILOVER = "POST /api/v1/items/web01/failover";

    private final Database database = TestDatabase.empty();
    private final AuditStore audit = new AuditStore(database, Clock.systemUTC());
    private final UUID key = UUID.randomUUID();

    @Test
    void aKeyStandsForOneRequestWithOneBody() {
        Repeat first = new Repeat(key, "anna", FAILOVER, "latest");
        assertThat(begun(first)).isEmpty();
        database.transact(() -> audit.begins(first, "job 1"));
        assertThat(begun(first)).contains("job 1");
        assertThatThrownBy(() -> begun(new Repeat(key, "anna", FAILOVER, "another point")))
                .isInstanceOfSatisfying(FailureException.class, e -> {
                    assertThat(e.failure().code()).isEqualTo(FailureCode.REQUEST_INVALID);
                    assertThat(e.failure().message()).contains("another body", "begun nothing");
                });
    }

    @Test
    void whatAnEarlierVersionKeptIsAnsweredWhateverItsBodyWas() {
        database.update("insert into begun_request (key, caller, request, answer, at) values (?, ?, ?, ?, now())",
                key, "anna", FAILOVER, "job 1");
        assertThat(begun(new Repeat(key, "anna", FAILOVER, "latest"))).contains("job 1");
    }

    private Optional<String> begun(Repeat repeat) {
        return database.transact(() -> audit.begun(repeat));
    }
}
