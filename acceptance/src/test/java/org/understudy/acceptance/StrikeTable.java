package org.understudy.acceptance;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What came of strikes: those of this run, and those of earlier ones that are kept in the same file, one line of JSON
 * each, as soon as it is known. Tells of every place there is how often it was struck, so that what never was is seen.
 */
final class StrikeTable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Optional<Path> file;
    private final String commit = System.getProperty("understudy.commit", "unknown");
    private final List<Row> rows = new ArrayList<>();
    private final int ofBefore;

    /**
     * What came of a strike.
     *
     * @param place of the strike, as {@link Strike#place} says it
     * @param strike the same with how long it lasted
     * @param struck where the job stood when it was struck
     * @param came what the job and its item came to
     * @param out the actions that led out
     */
    record Row(String commit, String place, String strike, String struck, String came, String out, boolean good) {
        boolean hitNothing() {
            return struck.endsWith(NOTHING);
        }
    }

    /** The end of {@link Row#struck} where there was nothing to strike, as a QEMU of a VM that is off. */
    static final String NOTHING = "(nothing ran)";

    private StrikeTable(Optional<Path> file, List<Row> before) {
        this.file = file;
        rows.addAll(before);
        ofBefore = before.size();
    }

    /** With what the file of the property understudy.results holds, if it is set. */
    static StrikeTable ofAllRuns() throws IOException {
        Optional<Path> file = Optional.ofNullable(System.getProperty("understudy.results"))
                .filter(it -> !it.isEmpty()).map(Path::of);
        List<Row> before = new ArrayList<>();
        if (file.filter(Files::exists).isPresent()) {
            for (String line : Files.readAllLines(file.get())) {
                before.add(JSON.readValue(line, Row.class));
            }
        }
        return new StrikeTable(file, before);
    }

    /** The places of which it is known what comes of a strike there. */
    Set<String> known() {
        return rows.stream().filter(Row::good).map(Row::place).collect(Collectors.toSet());
    }

    /** Keeps what came of a strike. */
    Row add(Strike strike, String[] told, String out, boolean good) throws IOException {
        Row row = new Row(commit, strike.place(), strike.toString(), told[0], told[1], out, good);
        rows.add(row);
        if (file.isPresent()) {
            Files.writeString(file.get(), JSON.writeValueAsString(row) + "\n",
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        return row;
    }

    /** Those of this run that did not come to a good end. */
    List<Row> failed() {
        return rows.stream().skip(ofBefore).filter(row -> !row.good()).toList();
    }

    void print() {
        rows.stream().skip(ofBefore).forEach(row -> System.out.printf("%-60s | %s | %s | %s%s%n", row.strike(),
                row.struck(), row.came(), row.out(), row.good() ? "" : " FAILED"));
        System.out.printf("%-20s %-16s %-14s %-14s %-14s %6s%n", "operation", "struck", "before", "in", "after",
                "failed");
        for (Strike.Deed deed : Strike.Deed.values()) {
            for (Strike.Kind kind : Strike.Kind.values()) {
                System.out.printf("%-20s %-16s %-14s %-14s %-14s %6d%n", deed, kind,
                        cell(deed, kind, Strike.Moment.BEFORE), cell(deed, kind, Strike.Moment.IN),
                        cell(deed, kind, Strike.Moment.AFTER), rows.stream().filter(row -> !row.good())
                                .filter(row -> row.strike().startsWith(deed + " ") && row.strike().contains(" " + kind
                                        + " ")).count());
            }
        }
        Set<String> there = new TreeSet<>(Strike.places());
        Set<String> struck = rows.stream().map(Row::place).filter(there::contains).collect(Collectors.toSet());
        System.out.printf("%d strikes, %d failed; %d of %d places struck, %d never; at %s%n", rows.size(),
                rows.stream().filter(row -> !row.good()).count(), struck.size(), there.size(),
                there.size() - struck.size(),
                String.join(", ", new LinkedHashSet<>(rows.stream().map(Row::commit).toList())));
    }

    /** How many of the operation's steps were struck so. */
    private String cell(Strike.Deed deed, Strike.Kind kind, Strike.Moment moment) {
        Set<String> places = new TreeSet<>();
        for (int step = 0; step < deed.steps(); step++) {
            places.add(Strike.place(deed, step, moment, kind));
        }
        long struck = rows.stream().filter(row -> !row.hitNothing()).map(Row::place).filter(places::contains)
                .distinct().count();
        boolean hitNothing = rows.stream().anyMatch(row -> row.hitNothing() && places.contains(row.place()));
        return struck == 0 ? hitNothing ? "nothing ran" : "never struck" : struck + " of " + deed.steps() + " steps";
    }
}
