package org.understudy.workflow.sql;

import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What the database refused, or that it is not there. A store turns what a person can cause into a failure. */
public final class DatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String state;
    private final String constraint;

    DatabaseException(SQLException cause) {
        super(cause.getMessage(), cause);
        this.state = Optional.ofNullable(cause.getSQLState()).orElse("");
        this.constraint = cause instanceof PSQLException refused
                ? Optional.ofNullable(refused.getServerErrorMessage())
                        .map(ServerErrorMessage::getConstraint).orElse(null)
                : null;
    }

    /** Whether the unique constraint or index of this name was violated. */
    public boolean violates(String uniqueConstraint) {
        return state.equals("23505") && uniqueConstraint.equals(constraint);
    }

    /** The constraint that was violated, of whatever kind. */
    public Optional<String> constraint() {
        return Optional.ofNullable(constraint);
    }

    /** Whether the same may succeed later: connection lost, server going down, transactions in each other's way. */
    public boolean mayPass() {
        return state.startsWith("08") || state.startsWith("57P") || state.startsWith("40") || state.startsWith("53");
    }
}
