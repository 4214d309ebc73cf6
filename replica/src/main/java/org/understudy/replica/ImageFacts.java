package org.understudy.replica;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.disk.HostProgram;
import org.understudy.model.ByteCount;

/**
 * What QEMU's own tool tells of a disk image, whether somebody has it open or not.
 *
 * @param size of the disk that it holds
 * @param below the image that it rests on, as it is written in it; empty for one that stands alone
 * @param bitmaps the names of its bitmaps
 * @param damaged QEMU has marked it as corrupt
 */
record ImageFacts(ByteCount size, Optional<String> below, boolean encrypted, boolean damaged, List<String> bitmaps) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final JsonMapper MAPPER = new JsonMapper();

    ImageFacts {
        bitmaps = List.copyOf(bitmaps);
    }

    /** @param format QEMU's word for what the image is; it is never guessed */
    static ImageFacts of(Path image, String format) throws IOException {
        HostProgram.Answer answer = HostProgram.run(PATIENCE, List.of(
                "qemu-img", "info", "-U", "--output=json", "-f", format, image.toString()));
        if (!answer.succeeded()) {
            throw new IOException("qemu-img cannot read image " + image + ": " + answer.words());
        }
        try {
            return of(MAPPER.readTree(answer.output()));
        } catch (JacksonException e) {
            throw new IOException("qemu-img tells of image " + image + " what is no JSON: "
                    + e.getOriginalMessage(), e);
        }
    }

    private static ImageFacts of(JsonNode told) {
        JsonNode own = told.path("format-specific").path("data");
        List<String> bitmaps = new ArrayList<>();
        own.path("bitmaps").forEach(bitmap -> bitmaps.add(bitmap.path("name").asText()));
        return new ImageFacts(new ByteCount(told.path("virtual-size").asLong()),
                Optional.ofNullable(told.get("backing-filename")).map(JsonNode::asText),
                told.path("encrypted").asBoolean(false), own.path("corrupt").asBoolean(false), bitmaps);
    }
}
