package org.understudy.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the vault says was done is on the disk: its database, asked while it runs, forces what it acknowledges. */
@Order(1)
class DatabaseIsDurableTest {
    @RegisterExtension
    static final AcceptanceLab LAB = AcceptanceLab.named("story");

    @Test
    void theRunningServerItselfSaysThatItForcesItsWrites() throws IOException, SQLException {
        try (Connection connection = LAB.connectToDatabase()) {
            assertThat(shown(connection, "fsync")).isEqualTo("on");
            assertThat(shown(connection, "synchronous_commit")).isEqualTo("on");
            assertThat(shown(connection, "full_page_writes")).isEqualTo("on");
        }
    }

    @Test
    void andSoDoesTheVaultOverItsInterface() {
        var database = LAB.vault().vault().database();
        assertThat(database.embedded()).isTrue();
        assertThat(database.fsync()).isEqualTo("on");
        assertThat(database.synchronousCommit()).isEqualTo("on");
    }

    private static String shown(Connection connection, String setting) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery("show " + setting)) {
            answer.next();
            return answer.getString(1);
        }
    }
}
