package org.understudy.acceptance;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * What rounds came to: those of this run, and those of earlier ones that are kept in the campaign's file. Rounds that
 * do not fit into one run make one table, which says of how many runs and commits it is made.
 */
final class RoundTripResults {
    /** What is counted. */
    static final String ROUND = "round";

    private final CampaignFile file;
    private final String run = Instant.now().toString();
    private final List<Round> rounds;
    private long looked;

    /**
     * A round, or what is gone beside them, whole or up to where it failed.
     *
     * @param name what it was
     * @param run when its run began
     * @param most copies that ran at once, of so many looks
     * @param failure empty where it was whole
     */
    record Round(String name, String run, String commit, List<RoundTripTable.Leg> legs, int most, long looks,
            String failure) {}

    private RoundTripResults(CampaignFile file) throws IOException {
        this.file = file;
        this.rounds = new ArrayList<>(file.read(Round.class));
    }

    static RoundTripResults ofAllRuns() throws IOException {
        return new RoundTripResults(CampaignFile.asked());
    }

    /** Whether somebody wants this run to end. */
    boolean isToStop() {
        return file.isToStop();
    }

    /** Keeps what is over. */
    void add(String name, List<RoundTripTable.Leg> legs, RunningCopies copies, Optional<Throwable> failure)
            throws IOException {
        Round round = new Round(name, run, CampaignFile.commit(), legs, copies.most(), copies.looks() - looked,
                failure.map(Throwable::toString).orElse(""));
        looked = copies.looks();
        rounds.add(round);
        file.add(round);
    }

    void print() {
        RoundTripTable.print(rounds.stream().flatMap(round -> round.legs().stream()).toList());
        System.out.printf("running copies at once, at most: %d in %d looks%n",
                rounds.stream().mapToInt(Round::most).max().orElse(0), rounds.stream().mapToLong(Round::looks).sum());
        List<Round> failed = rounds.stream().filter(round -> !round.failure().isEmpty()).toList();
        System.out.printf("rounds: %d whole, %d failed; in %d runs, at %s%n",
                rounds.stream().filter(round -> round.name().equals(ROUND) && round.failure().isEmpty()).count(),
                failed.size(), rounds.stream().map(Round::run).distinct().count(),
                String.join(", ", new LinkedHashSet<>(rounds.stream().map(Round::commit).toList())));
        failed.forEach(round -> System.out.println("failed: " + round.name() + ": " + round.failure()));
    }
}
