package org.understudy.acceptance;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LongSummaryStatistics;
import java.util.Map;
import org.understudy.api.ProgressView;
import org.understudy.model.ByteCount;

/** What the legs of round trips were like, the same legs together: how often, and the worst of each. */
final class RoundTripTable {
    /** What the guest's records and their file system's blocks may come to while a leg is under way. */
    static final ByteCount RECORDS = ByteCount.ofMebibytes(24);

    private final Map<String, Row> rows = new LinkedHashMap<>();

    /**
     * What a loss of a site cost.
     *
     * @param records that were durable there, and are not where the VM went on
     * @param shown how many there may be by the instant that was told of the point
     */
    record Loss(long records, long shown) {}

    private static final class Row {
        private final LongSummaryStatistics millis = new LongSummaryStatistics();
        private final LongSummaryStatistics lost = new LongSummaryStatistics();
        private final LongSummaryStatistics shown = new LongSummaryStatistics();
        private final LongSummaryStatistics sent = new LongSummaryStatistics();
        private ByteCount compared = ByteCount.ZERO;
    }

    void planned(String from, String to, Duration took, ProgressView back) {
        Row row = row("planned, " + from + " to " + to, took, new Loss(0, 0));
        row.sent.accept(back.sent().bytes());
    }

    void killed(String from, String to, Duration took, Loss loss) {
        row("site of " + from + " killed, on to " + to, took, loss);
    }

    void reversed(String from, String to, Duration took, ProgressView back) {
        Row row = row("reversed, " + from + " over what " + to + " had", took, new Loss(0, 0));
        row.sent.accept(back.sent().bytes());
        row.compared = back.compared();
    }

    private Row row(String leg, Duration took, Loss loss) {
        Row row = rows.computeIfAbsent(leg, _ -> new Row());
        row.millis.accept(took.toMillis());
        row.lost.accept(loss.records());
        row.shown.accept(loss.shown());
        return row;
    }

    void print(RunningCopies copies) {
        System.out.printf("%-42s %6s %9s %13s %14s %11s %11s%n", "leg", "times", "slowest", "records lost",
                "told, at most", "sent, most", "compared");
        rows.forEach((leg, row) -> System.out.printf("%-42s %6d %7d s %13d %14d %11s %11s%n", leg,
                row.millis.getCount(), row.millis.getMax() / 1000, row.lost.getMax(), row.shown.getMax(),
                row.sent.getCount() == 0 ? "" : new ByteCount(row.sent.getMax()),
                row.compared.equals(ByteCount.ZERO) ? "" : row.compared));
        System.out.printf("running copies at once, at most: %d in %d looks%n", copies.most(), copies.looks());
    }
}
