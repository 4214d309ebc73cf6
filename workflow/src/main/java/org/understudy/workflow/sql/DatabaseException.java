package org.understudy.workflow.sql;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import java.util.Optional;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What the database refused, or that it is not there. A store turns what a person can cause into a failure. */
public final class DatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private static final int CLASS = 2;

    /** Connection, transaction undone, resources, told to end, the system around it. */
    private static final Set<String> MAY_PASS = Set.of("08", "40", "53", "57", "58");

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

    /** Whether what was written refers to a row that is gone, or what was deleted is referred to. */
    public boolean breaksReference() {
        return state.equals("23503");
    }

    /** The constraint that was violated, of whatever kind. */
    public Optional<String> constraint() {
        return Optional.ofNullable(constraint);
    }

    /**
     * Whether the same may succeed later: connection lost or not to be had, server going down or short of something,
     * transactions in each other's way.
     */
    public boolean mayPass() {
        return getCause() instanceof SQLTransientException || getCause() instanceof SQLRecoverableException
                || MAY_PASS.contains(state.length() < CLASS ? state : state.substring(0, CLASS))
                || state.equals("55P03");
    }

    /** What is wrong with the database, as people say it of it. */
    public String trouble() {
        return switch (state) {
            case "53100" -> "has no space left on its disk";
            case "53200" -> "has no memory left";
            case "53300" -> "has no connection left";
            default -> getCause() instanceof SQLTransientConnectionException
                    ? "is busy or does not answer" : "does not answer";
        };
    }
}
