package org.understudy.workflow.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.postgresql.util.PGobject;

/**
 * The one database of a vault, as its stores use it: a statement runs in the transaction of the thread that
 * {@link #transact} opened, or, outside of one, by itself. What several stores write in one {@code transact} is
 * durable together or not at all. Safe for many threads.
 *
 * <p>Parameters: UUID, String, numbers, booleans, {@link Instant}, enums (by name), {@link Optional} of these (null
 * when empty), collections of strings or UUIDs (as array), and {@link JsonColumn#of}.
 */
public final class Database {
    private record Transaction(Connection connection, List<Runnable> afterCommit) {}

    private final ScopedValue<Transaction> current = ScopedValue.newInstance();
    private final DataSource source;

    public Database(DataSource source) {
        this.source = source;
    }

    /** Runs work in one transaction, or in the one that the thread is already in. An exception undoes all of it. */
    public <T> T transact(Supplier<T> work) {
        if (current.isBound()) {
            return work.get();
        }
        List<Runnable> afterCommit = new ArrayList<>();
        T result;
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            try {
                result = ScopedValue.where(current, new Transaction(connection, afterCommit)).call(work::get);
                connection.commit();
            } catch (Throwable e) {
                rollBack(connection, e);
                throw e;
            }
        } catch (SQLException e) {
            throw new DatabaseException(e);
        }
        afterCommit.forEach(Runnable::run);
        return result;
    }

    /** As {@link #transact(Supplier)}, for work without a result. */
    public void transact(Runnable work) {
        transact(() -> {
            work.run();
            return null;
        });
    }

    /** Refuses what may take long, as a mistake of the program, while the thread's transaction holds a connection. */
    public void requireNoTransaction(String toDo) {
        if (current.isBound()) {
            throw new IllegalStateException("a transaction is open: not the time to " + toDo);
        }
    }

    /** Runs something once the thread's transaction is durable; at once outside of one. Not run when it is undone. */
    public void afterCommit(Runnable work) {
        if (current.isBound()) {
            current.get().afterCommit().add(work);
        } else {
            work.run();
        }
    }

    /** All rows of a query, mapped. */
    public <T> List<T> query(String sql, Function<Row, T> mapping, Object... parameters) {
        return withStatement(sql, parameters, statement -> {
            try (ResultSet result = statement.executeQuery()) {
                List<T> rows = new ArrayList<>();
                Row row = new Row(result);
                while (result.next()) {
                    rows.add(mapping.apply(row));
                }
                return rows;
            }
        });
    }

    /** The first row of a query, mapped. */
    public <T> Optional<T> first(String sql, Function<Row, T> mapping, Object... parameters) {
        return query(sql, mapping, parameters).stream().findFirst();
    }

    /**
     * Keeps a row from being changed, deleted, or come into use by rows that refer to it, until the thread's
     * transaction ends; waits for those that do so already. What is looked up afterwards is as they left it.
     *
     * @param table trusted text, never a caller's
     * @return whether there is such a row
     */
    public boolean lock(String table, UUID id) {
        return first("select 1 as found from " + table + " where id = ? for update", row -> true, id).isPresent();
    }

    /** Changes rows, and tells how many. */
    public int update(String sql, Object... parameters) {
        return withStatement(sql, parameters, PreparedStatement::executeUpdate);
    }

    private interface Work<T> {
        T on(PreparedStatement statement) throws SQLException;
    }

    private <T> T withStatement(String sql, Object[] parameters, Work<T> work) {
        if (current.isBound()) {
            return prepared(current.get().connection(), sql, parameters, work);
        }
        try (Connection connection = source.getConnection()) {
            return prepared(connection, sql, parameters, work);
        } catch (SQLException e) {
            throw new DatabaseException(e);
        }
    }

    private static <T> T prepared(Connection connection, String sql, Object[] parameters, Work<T> work) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, toJdbc(connection, parameters[i]));
            }
            return work.on(statement);
        } catch (SQLException e) {
            throw new DatabaseException(e);
        }
    }

    private static Object toJdbc(Connection connection, Object value) throws SQLException {
        return switch (value) {
            case Optional<?> optional -> optional.isEmpty() ? null : toJdbc(connection, optional.get());
            case Instant instant -> OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
            case Enum<?> word -> word.name();
            case Collection<?> none when none.isEmpty() -> emptyArray();
            case Collection<?> many -> connection.createArrayOf(
                    many.iterator().next() instanceof String ? "text" : "uuid", many.toArray());
            case null -> null;
            case Object other -> other;
        };
    }

    /** An empty array of whatever the statement expects there. */
    private static PGobject emptyArray() throws SQLException {
        PGobject empty = new PGobject();
        empty.setType("unknown");
        empty.setValue("{}");
        return empty;
    }

    private static void rollBack(Connection connection, Throwable reason) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
    }
}
