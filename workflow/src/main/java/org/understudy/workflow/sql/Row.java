package org.understudy.workflow.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;

/** One row of a result, column by name, in the types that our records use. Valid within the mapping function alone. */
public final class Row {
    private final ResultSet result;

    Row(ResultSet result) {
        this.result = result;
    }

    public UUID uuid(String column) {
        return get(column, UUID.class);
    }

    public String text(String column) {
        return get(column, String.class);
    }

    public int integer(String column) {
        return get(column, Integer.class);
    }

    public long number(String column) {
        return get(column, Long.class);
    }

    public boolean flag(String column) {
        return get(column, Boolean.class);
    }

    public byte[] bytes(String column) {
        try {
            return result.getBytes(column);
        } catch (SQLException e) {
            throw new DatabaseException(e);
        }
    }

    public Instant instant(String column) {
        return get(column, OffsetDateTime.class).toInstant();
    }

    public <E extends Enum<E>> E word(String column, Class<E> type) {
        return Enum.valueOf(type, text(column));
    }

    public <T> T json(String column, Class<T> type) {
        return JsonColumn.read(string(column), type);
    }

    /** What was kept by {@link JsonColumn#of(Object, int)}, in a format up to {@code known}; else FORMAT_TOO_NEW. */
    public <T> T json(String column, Class<T> type, int known) {
        return JsonColumn.read(string(column), type, known);
    }

    public Optional<UUID> optionalUuid(String column) {
        return Optional.ofNullable(get(column, UUID.class));
    }

    public Optional<String> optionalText(String column) {
        return Optional.ofNullable(get(column, String.class));
    }

    public Optional<Instant> optionalInstant(String column) {
        return Optional.ofNullable(get(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    public <T> Optional<T> optionalJson(String column, Class<T> type) {
        return Optional.ofNullable(string(column)).map(text -> JsonColumn.read(text, type));
    }

    private <T> T get(String column, Class<T> type) {
        try {
            return result.getObject(column, type);
        } catch (SQLException e) {
            throw new DatabaseException(e);
        }
    }

    private String string(String column) {
        try {
            return result.getString(column);
        } catch (SQLException e) {
            throw new DatabaseException(e);
        }
    }
}
