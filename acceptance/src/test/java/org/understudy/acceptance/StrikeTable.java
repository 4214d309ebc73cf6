package org.understudy.acceptance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What came of strikes: those of this run, and those of earlier ones that are kept in the campaign's file. Tells of
 * every operation and all that can die in it how many of its steps were struck, so that what never was is seen.
 */
final class StrikeTable {
    private final CampaignFile file;
    private final List<Row> rows;
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

    private StrikeTable(CampaignFile file) throws IOException {
        this.file = file;
        rows = new ArrayList<>(file.read(Row.class));
        ofBefore = rows.size();
    }

    static StrikeTable ofAllRuns() throws IOException {
        return new StrikeTable(CampaignFile.asked());
    }

    /** Whether somebody wants this run to end. */
    boolean isToStop() {
        return file.isToStop();
    }

    /** The places of which it is known what comes of a strike there. */
    Set<String> known() {
        return rows.stream().filter(Row::good).map(Row::place).collect(Collectors.toSet());
    }

    /** Keeps what came of a strike. */
    Row add(Strike strike, String[] told, String out, boolean good) throws IOException {
        Row row = new Row(
                CampaignFile.commit(), strike.place(), strike.toString(), told[0], told[1], out, good);
        rows.add(row);
        file.add(row);
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
