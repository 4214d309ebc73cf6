package org.understudy.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * How one replica stands by the files of its folder at the target, read from outside the agent: what they say is
 * durable and is there whether the agent runs or was killed just now.
 *
 * @param acknowledged the sequence number that the source was promised
 * @param covered bytes that initial replication had passed there, of all disks
 * @param receiving bytes of the segments of the position after the acknowledged one
 */
record ReplicaStanding(long generation, long acknowledged, long applied, long covered, long receiving) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Nothing received, nothing promised. */
    static final ReplicaStanding NOTHING = new ReplicaStanding(0, 0, 0, 0, 0);

    /** Reads a replica's folder; it is replaced as a whole and so always readable. */
    static ReplicaStanding of(Path folder) throws IOException {
        JsonNode state;
        try {
            state = JSON.readTree(Files.readAllBytes(folder.resolve("state.json"))).path("content");
        } catch (NoSuchFileException nothingAcknowledgedYet) {
            return new ReplicaStanding(0, 0, 0, 0, bytes(folder.resolve("journal"), "*-1.hrl*"));
        }
        long covered = 0;
        for (JsonNode disk : state.path("covered")) {
            covered += disk.isNumber() ? disk.asLong() : disk.path("bytes").asLong();
        }
        JsonNode acknowledged = state.path("acknowledged").path("position");
        long generation = acknowledged.path("generation").asLong();
        long sequence = acknowledged.path("sequence").asLong();
        return new ReplicaStanding(generation, sequence,
                state.path("applied").path("position").path("sequence").asLong(), covered,
                bytes(folder.resolve("journal"), "*." + generation + "-" + (sequence + 1) + ".hrl*"));
    }

    /** Whether replication has gone on since an earlier standing. */
    boolean isBeyond(ReplicaStanding earlier) {
        return acknowledged > earlier.acknowledged
                || acknowledged == earlier.acknowledged && receiving > earlier.receiving + (64 << 10);
    }

    /** For a line of output. */
    String brief() {
        return "%d-%d+%dK".formatted(generation, acknowledged, receiving >> 10);
    }

    private static long bytes(Path journal, String segments) throws IOException {
        long bytes = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(journal, segments)) {
            for (Path entry : entries) {
                try {
                    bytes += Files.size(entry);
                } catch (NoSuchFileException appliedMeanwhile) {
                    continue;
                }
            }
        } catch (NoSuchFileException notYet) {
            return 0;
        } catch (DirectoryIteratorException changing) {
            throw new IOException("the journal " + journal + " cannot be listed", changing);
        }
        return bytes;
    }
}
