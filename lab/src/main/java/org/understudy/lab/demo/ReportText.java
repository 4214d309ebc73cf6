package org.understudy.lab.demo;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The report of a demo as people read it. */
final class ReportText {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    private final StringBuilder text = new StringBuilder();

    private ReportText() {
    }

    static String of(DemoReport report) {
        ReportText text = new ReportText();
        text.addLoss(report);
        text.addTraffic(report.traffic());
        text.addRest(report);
        return text.text.toString();
    }

    private void addLoss(DemoReport report) {
        Loss loss = report.loss();
        row("site lost", "%s, at %s UTC".formatted(report.site(), clock(report.outage().killedAt())));
        row("last record before", record(loss.lastAtSource()) + ", read from the lost site's disks after its death");
        row("last in the replica", record(loss.lastInReplica()));
        row("first record after", record(loss.firstAfter()) + ", written at the other site");
        row("RPO measured", "%s, %d records".formatted(Narrator.seconds(loss.rpo()), loss.records()));
        row("RTO measured", "%s, from the kill to the HTTP answer".formatted(Narrator.seconds(report.outage().rto())));
        row("both disks agree", loss.proved()
                ? "yes: one instant, no gap, disk 2 never ahead of disk 1" : "NO: " + String.join("; ", loss.faults()));
    }

    private void addTraffic(Traffic traffic) {
        row("initial replication", "%s sent for disks of %s".formatted(traffic.initialSent(), traffic.disks()));
        row("after that", "%s changed, %s sent, as the site reported last".formatted(
                traffic.changed(), traffic.sent()));
    }

    private void addRest(DemoReport report) {
        row("test failover", "from point %s; replication went from %s to %s meanwhile".formatted(
                report.test().point(), report.test().before(), report.test().after()));
        row("vault's database", "fsync %s, synchronous_commit %s".formatted(
                report.database().fsync(), report.database().synchronousCommit()));
        row("in all", Narrator.seconds(report.total()));
    }

    private void row(String name, String fact) {
        text.append("  %-20s %s%n".formatted(name, fact));
    }

    private static String record(Loss.Record record) {
        return "%d at %s".formatted(record.number(), clock(record.at()));
    }

    private static String clock(Instant at) {
        return CLOCK.format(at);
    }
}
