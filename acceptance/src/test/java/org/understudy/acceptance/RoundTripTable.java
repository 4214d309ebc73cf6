package org.understudy.acceptance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import org.understudy.api.ProgressView;
import org.understudy.model.ByteCount;

/** What the legs of round trips were like, the same legs together: how often, and the worst of each. */
final class RoundTripTable {
    /** What the guest's records and their file system's blocks may come to while a leg is under way. */
    static final ByteCount RECORDS = ByteCount.ofMebibytes(24);

    private final List<Leg> legs = new ArrayList<>();

    /**
     * A leg that was gone.
     *
     * @param lost records that were durable where it began, and are not where the VM went on
     * @param shown how many there may be by the instant that was told of the point
     * @param sent bytes that went back until it was protected again; -1 where nothing goes back
     * @param compared bytes of disks that were compared for it
     */
    record Leg(String leg, long millis, long lost, long shown, long sent, long compared) {}

    private static final class Row {
        private final LongSummaryStatistics millis = new LongSummaryStatistics();
        private final LongSummaryStatistics lost = new LongSummaryStatistics();
        private final LongSummaryStatistics shown = new LongSummaryStatistics();
        private final LongSummaryStatistics sent = new LongSummaryStatistics();
        private final LongSummaryStatistics compared = new LongSummaryStatistics();

        void add(Leg leg) {
            millis.accept(leg.millis());
            lost.accept(leg.lost());
            shown.accept(leg.shown());
            sent.accept(leg.sent());
            compared.accept(leg.compared());
        }
    }

    void planned(String from, String to, Duration took, ProgressView back) {
        legs.add(new Leg("planned, " + from + " to " + to, took.toMillis(), 0, 0, back.sent().bytes(), 0));
    }

    void killed(String from, String to, Duration took, long lost, long shown) {
        legs.add(new Leg("site of " + from + " killed, on to " + to, took.toMillis(), lost, shown, -1, 0));
    }

    void reversed(String from, String to, Duration took, ProgressView back) {
        legs.add(new Leg("reversed, " + from + " over what " + to + " had", took.toMillis(), 0, 0,
                back.sent().bytes(), back.compared().bytes()));
    }

    void made(String from, String to, Duration took, ProgressView back) {
        legs.add(new Leg("reversed, " + from + " to a new replica at " + to, took.toMillis(), 0, 0,
                back.sent().bytes(), back.compared().bytes()));
    }

    /** Those that were gone since the last call. */
    List<Leg> taken() {
        List<Leg> taken = List.copyOf(legs);
        legs.clear();
        return taken;
    }

    static void print(List<Leg> legs) {
        Map<String, Row> rows = new LinkedHashMap<>();
        legs.forEach(leg -> rows.computeIfAbsent(leg.leg(), _ -> new Row()).add(leg));
        System.out.printf("%-46s %6s %9s %13s %14s %11s %11s%n", "leg", "times", "slowest", "records lost",
                "told, at most", "sent, most", "compared");
        rows.forEach((leg, row) -> System.out.printf("%-46s %6d %7d s %13d %14d %11s %11s%n", leg,
                row.millis.getCount(), row.millis.getMax() / 1000, row.lost.getMax(), row.shown.getMax(),
                row.sent.getMax() < 0 ? "" : new ByteCount(row.sent.getMax()),
                row.compared.getMax() == 0 ? "" : new ByteCount(row.compared.getMax())));
    }
}
