package org.understudy.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.understudy.model.ByteCount;

/** The script {@code lab/bin/lab} for one lab: runs a command to its end and answers what it printed. */
record LabScript(Path script, String lab) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What the command printed; a failed one is an exception with what it complained. */
    String run(String... words) throws IOException {
        Process process = builder(List.of(words)).redirectInput(ProcessBuilder.Redirect.from(
                Path.of("/dev/null").toFile())).start();
        FutureTask<String> complaint = new FutureTask<>(() -> text(process.getErrorStream()));
        Thread.ofVirtual().start(complaint);
        try {
            String printed = text(process.getInputStream());
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException("lab %s ended with status %d: %s".formatted(
                        String.join(" ", words), status, complaint.get().strip()));
            }
            return printed;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted during lab " + String.join(" ", words));
        } catch (ExecutionException unreadable) {
            throw new IOException("lab " + String.join(" ", words), unreadable.getCause());
        } finally {
            process.destroy();
        }
    }

    ProcessBuilder builder(List<String> words) {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("UNDERSTUDY_LAB", lab);
        return builder;
    }

    static JsonNode json(String printed) throws IOException {
        return JSON.readTree(printed);
    }

    /** A size as the script takes it: whole MiB. */
    static String mebibytes(ByteCount size) {
        if (size.bytes() % (1 << 20) != 0) {
            throw new IllegalArgumentException(size.bytes() + " bytes are no whole number of MiB");
        }
        return (size.bytes() >> 20) + "M";
    }

    private static String text(InputStream stream) throws IOException {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
}
