package org.understudy.workflow.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.sql.SQLException;
import org.postgresql.util.PGobject;

/** The JSON form of records in jsonb columns: ISO instants and durations, unknown properties ignored. */
public final class JsonColumn {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new Jdk8Module())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private JsonColumn() {}

    /** The mapper; shared and never reconfigured. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /** A value as parameter for a jsonb column. */
    public static PGobject of(Object value) {
        try {
            PGobject json = new PGobject();
            json.setType("jsonb");
            json.setValue(MAPPER.writeValueAsString(value));
            return json;
        } catch (JsonProcessingException | SQLException e) {
            throw new IllegalArgumentException("no JSON of a " + value.getClass().getSimpleName(), e);
        }
    }

    /** A column's text as the type that was written to it. */
    public static <T> T read(String text, Class<T> type) {
        try {
            return MAPPER.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored " + type.getSimpleName() + " is not readable", e);
        }
    }
}
