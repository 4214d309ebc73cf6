package org.understudy.acceptance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;
import org.understudy.model.RecoveryPoint;

/** What the witness saw: a file of JSON lines, one for each point in time, written by its agent, read by the test. */
record WitnessNotes(Path file) {
    static final String AT_REST = "at rest";

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    /**
     * One point in time.
     *
     * @param checkpoint its name; its third and fourth word are generation and sequence. {@link #AT_REST} where the
     *     images of a VM that is off were read, which makes no checkpoint: such a note is found by its instant
     * @param disks the SHA-256 of all bytes of each disk
     */
    record Note(String checkpoint, Instant takenAt, Map<DiskName, String> disks) {
        LogPosition position() {
            String[] words = checkpoint.split("-");
            return new LogPosition(
                    Long.parseLong(words[2]), Long.parseLong(words[3]));
        }
    }

    void add(Note note) throws IOException {
        ObjectNode line = JSON.createObjectNode()
                .put("checkpoint", note.checkpoint())
                .put("takenAt", note.takenAt().toString());
        note.disks().forEach((disk, hash) -> line.withObject("/disks").put(disk.value(), hash));
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** By sequence, but those at rest; a cycle that was begun anew is its last attempt. */
    NavigableMap<Long, Note> bySequence() throws IOException {
        NavigableMap<Long, Note> notes = new TreeMap<>();
        for (Note note : all()) {
            if (!note.checkpoint().equals(AT_REST)) {
                notes.put(note.position().sequence(), note);
            }
        }
        return notes;
    }

    /** What the witness saw as this point was captured, from the running VM or from its images at rest. */
    Optional<Note> of(RecoveryPoint point) throws IOException {
        Note running = bySequence().get(point.position().sequence());
        return running != null ? Optional.of(running) : all().stream()
                .filter(note -> note.checkpoint().equals(AT_REST) && inMillis(note.takenAt())
                        .equals(inMillis(point.capturedAt()))).findAny();
    }

    private static Instant inMillis(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS);
    }

    /** In the order of writing. A line still being written is left out. */
    private List<Note> all() throws IOException {
        List<Note> notes = new ArrayList<>();
        String text = Files.exists(file) ? Files.readString(file) : "";
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            var json = JSON.readTree(line);
            Map<DiskName, String> disks = new TreeMap<>();
            json.path("disks").properties()
                    .forEach(disk -> disks.put(new DiskName(disk.getKey()), disk.getValue().asText()));
            notes.add(new Note(
                    json.path("checkpoint").asText(), Instant.parse(json.path("takenAt").asText()), disks));
        }
        return notes;
    }
}
