package org.understudy.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/**
 * The form in which an agent keeps its own words in files: a JSON object with a number, {@code format}. What carries
 * none is of format {@value #FIRST}, as the first release wrote it. The rule for raising it is in
 * {@code docs/formats/versions.md}.
 */
public final class KeptJson {
    public static final int FIRST = 1;
    private static final String FORMAT = "format";

    private KeptJson() {}

    /** The bytes of a file in that format. */
    public static byte[] write(Object content, int format) {
        try {
            ObjectNode words = CommandCodec.mapper().createObjectNode().put(FORMAT, format);
            words.setAll((ObjectNode) CommandCodec.mapper().valueToTree(content));
            return CommandCodec.mapper().writeValueAsBytes(words);
        } catch (JsonProcessingException e) {
            throw new AssertionError("our own words have a JSON form", e);
        }
    }

    /**
     * Reads what was written in a format up to {@code known}.
     *
     * @param what the file, for people
     * @throws FailureException FORMAT_TOO_NEW for what a later release wrote: never taken for absent or damaged
     * @throws IOException when it makes no sense
     */
    public static <T> T read(Object what, byte[] bytes, Class<T> type, int known) throws IOException {
        JsonNode words = CommandCodec.mapper().readTree(bytes);
        int format = words.path(FORMAT).asInt(FIRST);
        if (format > known) {
            throw FailureException.of(FailureCode.FORMAT_TOO_NEW, "The file " + what + " has format " + format
                    + ", written by a later release; the agent on this host understands formats up to " + known + ".");
        }
        if (words instanceof ObjectNode object) {
            object.remove(FORMAT);
        }
        return CommandCodec.mapper().treeToValue(words, type);
    }
}
