package org.understudy.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.understudy.api.ApiCodec;
import org.understudy.api.DatabaseView;
import org.understudy.api.ProgressView;
import org.understudy.lab.demo.DemoReport.Outage;
import org.understudy.lab.demo.DemoReport.TestShown;
import org.understudy.model.ByteCount;
import org.understudy.model.LogPosition;

/** Tests of the arithmetic behind the report, and of what people and programs read. */
class DemoReportTest {
    private static final Instant KILL = Instant.parse("2026-11-21T12:00:00Z");

    private final DemoReport report = new DemoReport("stockholm",
            new Loss(new Loss.Record(500, KILL.minusMillis(10)), new Loss.Record(470, KILL.minusMillis(610)),
                    new Loss.Record(471, KILL.plusSeconds(8)), List.of()),
            new Outage(KILL, KILL.plusMillis(9500)),
            Traffic.between(progress(100, 90), progress(160, 130)),
            new TestShown("1-7", new LogPosition(1, 7), new LogPosition(1, 12)),
            new DatabaseView(true, "18.6", "on", "on", "on"),
            List.of(new Narrator.StageTime("one", Duration.ofSeconds(2)),
                    new Narrator.StageTime("two", Duration.ofMillis(1500))));

    @Test
    void countsTheOutageFromTheKillToTheAnswer() {
        assertThat(report.outage().rto()).isEqualTo(Duration.ofMillis(9500));
        assertThat(report.json().rtoSeconds()).isEqualTo(9.5);
    }

    @Test
    void tellsInitialTrafficApartFromWhatCameAfter() {
        assertThat(report.traffic().initialSent()).isEqualTo(ByteCount.ofMebibytes(90));
        assertThat(report.traffic().changed()).isEqualTo(ByteCount.ofMebibytes(60));
        assertThat(report.traffic().sent()).isEqualTo(ByteCount.ofMebibytes(40));
    }

    @Test
    void addsTheStagesUp() {
        assertThat(report.total()).isEqualTo(Duration.ofMillis(3500));
    }

    @Test
    void tellsPeopleTheNumbersThatItHas() {
        assertThat(ReportText.of(report)).contains(
                "500 at 11:59:59.990", "470 at 11:59:59.390", "471 at 12:00:08.000", "0.60 s, 30 records", "9.50 s",
                "90.0 MiB sent for disks of 768.0 MiB", "60.0 MiB changed, 40.0 MiB sent, as",
                "from point 1-7; replication went from 1-7 to 1-12", "fsync on", "one instant");
    }

    @Test
    void saysSoWhenTheDisksDisagree() {
        Loss loss = new Loss(Loss.Record.NONE, Loss.Record.NONE, Loss.Record.NONE, List.of("disk 2 is ahead"));
        assertThat(ReportText.of(new DemoReport("stockholm", loss, report.outage(), report.traffic(), report.test(),
                report.database(), List.of()))).contains("NO: disk 2 is ahead");
    }

    @Test
    void tellsProgramsTheSame() {
        var json = ApiCodec.mapper().valueToTree(report.json());
        assertThat(json.path("proved").asBoolean()).isTrue();
        assertThat(json.path("lastDurableBeforeLoss").path("number").asLong()).isEqualTo(500);
        assertThat(json.path("lastDurableBeforeLoss").path("at").asText()).isEqualTo("2026-11-21T11:59:59.990Z");
        assertThat(json.path("recordsLost").asLong()).isEqualTo(30);
        assertThat(json.path("rpoSeconds").asDouble()).isEqualTo(0.6);
        assertThat(json.path("changedBytes").asLong()).isEqualTo(60L << 20);
        assertThat(json.path("replicationWentOnDuringTest").asBoolean()).isTrue();
    }

    private static ProgressView progress(long changedMebibytes, long sentMebibytes) {
        return new ProgressView(ByteCount.ofMebibytes(768), ByteCount.ofMebibytes(768), 100,
                Optional.empty(), Optional.empty(), Optional.empty(), ByteCount.ZERO,
                ByteCount.ofMebibytes(sentMebibytes), ByteCount.ofMebibytes(changedMebibytes), ByteCount.ZERO,
                ByteCount.ZERO, ByteCount.ZERO, 0,
                Optional.empty(), Optional.empty(), Optional.empty());
    }
}
