package org.understudy.replica;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.understudy.disk.DurableFile;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** How the small files of a replica are written: JSON with a format number, replaced durably as a whole. */
final class ReplicaJson {
    /** Raised when a reader of the older format would misunderstand the newer one. */
    static final int FORMAT = 1;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new Jdk8Module())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
            .build();

    private ReplicaJson() {}

    /** A value with the format it is written in. */
    private record Envelope(int format, JsonNode content) {}

    /** Durable when this returns. */
    static void write(Path file, Object content) throws IOException {
        DurableFile.replace(file,
                MAPPER.writerWithDefaultPrettyPrinter()
                        .writeValueAsBytes(new Envelope(FORMAT, MAPPER.valueToTree(content))));
    }

    /** Empty when there is no such file; REPLICA_CORRUPT when it cannot be understood. */
    static <T> Optional<T> read(Path file, Class<T> type) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
        try {
            Envelope envelope = MAPPER.readValue(bytes, Envelope.class);
            if (envelope.format() != FORMAT) {
                throw FailureException.of(FailureCode.REPLICA_CORRUPT, "file " + file + " has format "
                        + envelope.format() + "; this agent understands " + FORMAT,
                        "Update the agent if the file was written by a newer one.");
            }
            return Optional.of(MAPPER.treeToValue(envelope.content(), type));
        } catch (JacksonException e) {
            throw FailureException.of(FailureCode.REPLICA_CORRUPT,
                    "file " + file + " cannot be read: " + e.getOriginalMessage()).causedBy(e);
        }
    }
}
