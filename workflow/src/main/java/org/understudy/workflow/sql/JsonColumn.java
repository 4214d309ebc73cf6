package org.understudy.workflow.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.sql.SQLException;
import org.postgresql.util.PGobject;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** The JSON form of records in jsonb columns: ISO instants and durations, unknown properties ignored. */
public final class JsonColumn {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new Jdk8Module())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private static final String FORMAT = "format";

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

    /** The same for an object whose form has a number: kept with it as {@code format}. */
    public static PGobject of(Object value, int format) {
        JsonNode content = MAPPER.valueToTree(value);
        if (!(content instanceof ObjectNode object)) {
            throw new IllegalArgumentException("a " + value.getClass().getSimpleName() + " has no place for a format");
        }
        ObjectNode words = MAPPER.createObjectNode().put(FORMAT, format);
        words.setAll(object);
        return of(words);
    }

    /**
     * The value that {@link #of(Object, int)} kept; one without a format is of the first.
     *
     * @throws FailureException FORMAT_TOO_NEW when a later release wrote it
     */
    static <T> T read(String text, Class<T> type, int known) {
        JsonNode words = read(text, JsonNode.class);
        int format = words.path(FORMAT).asInt(1);
        if (format > known) {
            throw FailureException.of(FailureCode.FORMAT_TOO_NEW, "The vault's database has a " + type.getSimpleName()
                    + " of format " + format + ", written by a later release; this vault understands formats up to "
                    + known + ".");
        }
        if (words instanceof ObjectNode object) {
            object.remove(FORMAT);
        }
        return convert(words, type);
    }

    private static <T> T convert(JsonNode words, Class<T> type) {
        try {
            return MAPPER.treeToValue(words, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored " + type.getSimpleName() + " is not readable", e);
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
