package org.understudy.workflow.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which trouble of the database is waited for, and which is a defect of ours. */
class DatabaseExceptionTest {
    @Test
    void aBusyPoolMayPassAndSaysSo() {
        // As the pool says it: without a state.
        DatabaseException busy = new DatabaseException(new SQLTransientConnectionException(
                "vault - Connection is not available, request timed out after 10000ms"));
        assertThat(busy.mayPass()).isTrue();
        assertThat(busy.trouble()).isEqualTo("is busy or does not answer");
        assertThat(new DatabaseException(new SQLRecoverableException("closed")).mayPass()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"08006", "40001", "53300", "57P01", "57014", "58030", "55P03"})
    void whatTheServerSaysOfItselfMayPass(String state) {
        assertThat(new DatabaseException(new SQLException("away", state)).mayPass()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"23505", "42P01", "22021", ""})
    void whatIsWrongWithTheStatementStaysWrong(String state) {
        assertThat(new DatabaseException(new SQLException("no", state)).mayPass()).isFalse();
    }

    @Test
    void aFullDiskIsCalledOne() {
        assertThat(new DatabaseException(new SQLException("could not extend file", "53100")).trouble())
                .isEqualTo("has no space left on its disk");
    }
}
