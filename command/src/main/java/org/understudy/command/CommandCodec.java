package org.understudy.command;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.TypeDeserializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The one JSON form of commands and reports: ISO instants and durations, unknown properties ignored (an older agent
 * under a newer vault), missing ones null and so refused by the records themselves.
 */
public final class CommandCodec {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new Jdk8Module())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private CommandCodec() {}

    /** Bytes of the JSON form. */
    public static int size(Object words) {
        try {
            return MAPPER.writeValueAsBytes(words).length;
        } catch (JsonProcessingException e) {
            throw new AssertionError("our own words have a JSON form", e);
        }
    }

    /** SHA-256 of the JSON form, in hexadecimal. */
    static String digest(Object words) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(MAPPER.writeValueAsBytes(words));
            return HexFormat.of().formatHex(hash);
        } catch (JsonProcessingException | NoSuchAlgorithmException e) {
            throw new AssertionError("our own words have a JSON form, and every JDK has SHA-256", e);
        }
    }

    /** A text that is nobody's word to people and is read whole; without NUL, which no database takes. */
    static final class WholeText extends StdScalarDeserializer<String> {
        private static final long serialVersionUID = 1;

        WholeText() {
            super(String.class);
        }

        @Override
        public String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return StringDeserializer.instance.deserialize(parser, context).replace('\0', '\ufffd');
        }
    }

    /**
     * Words of one of several kinds; those of a kind that this release does not know are its "unknown", one by one.
     */
    private abstract static class KnownOr<T> extends StdDeserializer<T> {
        private static final long serialVersionUID = 1;

        private final Class<T> words;

        KnownOr(Class<T> words) {
            super(words);
            this.words = words;
        }

        abstract T unknown(JsonNode words);

        @Override
        public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            JsonNode said = parser.readValueAsTree();
            try {
                return parser.getCodec().treeToValue(said, words);
            } catch (JsonProcessingException e) {
                return unknown(said);
            }
        }

        @Override
        public Object deserializeWithType(
                JsonParser parser, DeserializationContext context, TypeDeserializer kinds) throws IOException {
            return deserialize(parser, context);
        }
    }

    /** A report that may be {@link AgentReport.Unknown}. */
    static final class AnyReport extends KnownOr<AgentReport> {
        private static final long serialVersionUID = 1;

        AnyReport() {
            super(AgentReport.class);
        }

        @Override
        AgentReport unknown(JsonNode words) {
            return new AgentReport.Unknown(words.path("report").asText());
        }
    }

    /** A command that may be {@link AgentCommand.Unknown}. */
    static final class AnyCommand extends KnownOr<AgentCommand> {
        private static final long serialVersionUID = 1;

        AnyCommand() {
            super(AgentCommand.class);
        }

        @Override
        AgentCommand unknown(JsonNode words) {
            return new AgentCommand.Unknown(words.path("command").asText());
        }
    }

    /** The mapper; shared and never reconfigured. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }
}
