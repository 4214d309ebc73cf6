package org.understudy.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The options of a process as its administrator wrote them down: lines {@code option = value}, options without their
 * dashes, {@code #} before a remark. What is typed comes first. Packages bring one for each service; where there is
 * none, everything is typed.
 */
public final class OptionsFile {
    private static final String PROPERTY = "understudy.options";

    private final Path file;
    private final Map<String, Line> lines;

    private record Line(int number, String value) {}

    private OptionsFile(Path file, Map<String, Line> lines) {
        this.file = file;
        this.lines = lines;
    }

    /** The one that whoever started this process named; empty if nobody did, or it was removed. */
    public static Optional<OptionsFile> named() {
        return Optional.ofNullable(System.getProperty(PROPERTY)).map(Path::of).filter(Files::exists)
                .map(OptionsFile::read);
    }

    /** Reads a file; one that cannot be read, or in which a line says nothing, is refused with REQUEST_INVALID. */
    public static OptionsFile read(Path file) {
        Map<String, Line> lines = new LinkedHashMap<>();
        int number = 0;
        for (String text : text(file)) {
            number++;
            String line = text.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int equals = line.indexOf('=');
            if (equals < 1) {
                throw refused(file, number, "is no \"option = value\": \"" + line + "\"");
            }
            if (lines.put(line.substring(0, equals).strip(), new Line(number, line.substring(equals + 1).strip()))
                    != null) {
                throw refused(file, number, "names an option again: \"" + line + "\"");
            }
        }
        return new OptionsFile(file, lines);
    }

    /** What was typed, {@linkplain #complete completed} by the file that is named; as it is where none is. */
    public static String[] completed(String[] typed, Map<String, Set<String>> commands) {
        return named().map(file -> file.complete(List.of(typed), commands).toArray(String[]::new)).orElse(typed);
    }

    /**
     * What was typed, with the options of the file behind the command's name: those that the command has and that were
     * not typed.
     *
     * @param commands by their names, the options of each with their dashes
     * @throws FailureException REQUEST_INVALID when a line names an option that no command has
     */
    public List<String> complete(List<String> typed, Map<String, Set<String>> commands) {
        lines.forEach((option, line) -> {
            if (commands.values().stream().noneMatch(options -> options.contains("--" + option))) {
                throw refused(file, line.number(), "names no option of these commands: \"" + option + "\"");
            }
        });
        if (typed.isEmpty() || !commands.containsKey(typed.getFirst())) {
            return typed;
        }
        List<String> completed = new ArrayList<>(typed);
        lines.forEach((option, line) -> {
            String dashed = "--" + option;
            if (commands.get(typed.getFirst()).contains(dashed) && !isAmong(typed, dashed)) {
                completed.add(1, dashed + "=" + line.value());
            }
        });
        return completed;
    }

    private static boolean isAmong(Collection<String> typed, String option) {
        return typed.stream().anyMatch(word -> word.equals(option) || word.startsWith(option + "="));
    }

    private static List<String> text(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw FailureException.of(FailureCode.REQUEST_INVALID,
                    "The options in " + file + " cannot be read: " + FailureTeller.reason(e) + ".",
                    "Make the file readable, or remove it and type the options.").causedBy(e);
        }
    }

    private static FailureException refused(Path file, int number, String why) {
        return FailureException.of(FailureCode.REQUEST_INVALID, "Line " + number + " of " + file + " " + why + ".",
                "Write options as the command's --help names them, without their dashes.");
    }
}
