package org.understudy.replica;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.understudy.disk.HostProgram;
import org.understudy.model.ByteCount;

/**
 * What QEMU's own tool tells of a disk image, whether somebody has it open or not.
 *
 * @param size of the disk that it holds
 * @param allocated what its file takes on its file system
 * @param below the image that it rests on, as it is written in it; empty for one that stands alone
 * @param bitmaps the names of its bitmaps that say what they should
 * @param torn the names of those that do not, of an image at rest: whoever had it open died before they were written
 * @param damaged QEMU has marked it as corrupt
 */
record ImageFacts(ByteCount size, ByteCount allocated, Optional<String> below, boolean encrypted, boolean damaged,
        List<String> bitmaps, List<String> torn) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** libvirt's own limit. */
    private static final int CHAIN_MAX = 200;
    private static final byte[] MAGIC = {'Q', 'F', 'I', (byte) 0xfb};
    private static final JsonMapper MAPPER = new JsonMapper();

    ImageFacts {
        bitmaps = List.copyOf(bitmaps);
        torn = List.copyOf(torn);
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

    /**
     * Whether an image, or one on which it rests, lies in a folder. Only what begins as a qcow2 image is taken to rest
     * on others.
     *
     * @throws IOException also when one of them is not there: then nobody knows
     */
    static boolean restsWithin(Path image, Path folder) throws IOException {
        Path home = folder.toAbsolutePath();
        Path next = image.toAbsolutePath();
        for (int i = 0; i < CHAIN_MAX; i++) {
            if (next.startsWith(home)) {
                return true;
            }
            if (!isQcow2(next)) {
                return false;
            }
            Optional<String> below = of(next, "qcow2").below();
            if (below.isEmpty()) {
                return false;
            }
            if (below.get().contains(home.toString())) {
                // In whatever form of QEMU's.
                return true;
            }
            next = next.resolveSibling(below.get()).normalize();
        }
        throw new IOException("image " + image + " rests on more than " + CHAIN_MAX + " others");
    }

    private static boolean isQcow2(Path image) throws IOException {
        try (InputStream content = Files.newInputStream(image)) {
            return Arrays.equals(content.readNBytes(MAGIC.length), MAGIC);
        }
    }

    private static ImageFacts of(JsonNode told) {
        JsonNode own = told.path("format-specific").path("data");
        List<String> bitmaps = new ArrayList<>();
        List<String> torn = new ArrayList<>();
        own.path("bitmaps").forEach(bitmap -> (isTorn(bitmap) ? torn : bitmaps).add(bitmap.path("name").asText()));
        return new ImageFacts(new ByteCount(told.path("virtual-size").asLong()),
                new ByteCount(told.path("actual-size").asLong()),
                Optional.ofNullable(told.get("backing-filename")).map(JsonNode::asText),
                told.path("encrypted").asBoolean(false), own.path("corrupt").asBoolean(false), bitmaps,
                torn);
    }

    private static boolean isTorn(JsonNode bitmap) {
        return StreamSupport.stream(bitmap.path("flags").spliterator(), false)
                .anyMatch(flag -> flag.asText().equals("in-use"));
    }
}
