package org.understudy.vault.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Clock;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.understudy.model.FailureCode;
import org.understudy.vault.database.TestDatabase;
import org.understudy.workflow.sql.Database;
import org.understudy.workflow.sql.DatabaseException;

/** What another request can cause is no defect of the vault. */
class ErrorMappingTest {
    @Test
    void whatIsGoneByNowIsToldAsSuch() {
        Database database = TestDatabase.empty();
        DatabaseException gone = catchThrowableOfType(DatabaseException.class, () -> database.update(
                "insert into cloud (id, name, site) values (?, 'gold', ?)", UUID.randomUUID(), UUID.randomUUID()));

        var failure = new ErrorMapping(Clock.systemUTC()).failure(gone, "POST /clouds");

        assertThat(failure.code()).isEqualTo(FailureCode.OPERATION_IN_PROGRESS);
        assertThat(failure.message()).contains("deleted, or came into use");
        assertThat(ErrorMapping.status(failure.code())).isEqualTo(409);
    }
}
