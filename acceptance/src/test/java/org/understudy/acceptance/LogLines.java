package org.understudy.acceptance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** How many lines the logs of a folder have, and how many of them are of stack traces. */
record LogLines(long all, long ofStackTraces) {
    static LogLines of(Path folder) throws IOException {
        long all = 0;
        long ofStackTraces = 0;
        List<Path> logs;
        try (Stream<Path> files = Files.list(folder)) {
            logs = files.filter(file -> file.toString().endsWith(".log")).toList();
        }
        for (Path log : logs) {
            String text = new String(Files.readAllBytes(log), StandardCharsets.ISO_8859_1);
            all += text.lines().count();
            ofStackTraces += text.lines().filter(line -> line.startsWith("\tat ")).count();
        }
        return new LogLines(all, ofStackTraces);
    }

    LogLines since(LogLines before) {
        return new LogLines(all - before.all, ofStackTraces - before.ofStackTraces);
    }
}
