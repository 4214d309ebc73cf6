package org.understudy.lab.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.understudy.api.DatabaseView;
import org.understudy.model.ByteCount;
import org.understudy.model.LogPosition;

/**
 * What a demo measured; every number is of this run.
 *
 * @param site the one that was lost
 * @param loss what that cost
 * @param outage from the kill until the VM answered
 * @param traffic what replication moved before
 * @param test what the test failover showed
 * @param database what the vault's database says of itself
 * @param stages how long each took
 */
record DemoReport(String site, Loss loss, Outage outage, Traffic traffic, TestShown test, DatabaseView database,
        List<Narrator.StageTime> stages) {
    DemoReport {
        stages = List.copyOf(stages);
    }

    /** By this machine's clock: the moment before the kill, and the HTTP answer at the other site. */
    record Outage(Instant killedAt, Instant answeredAt) {
        Duration rto() {
            return Duration.between(killedAt, answeredAt);
        }
    }

    /**
     * What a test failover showed.
     *
     * @param point the recovery point that was started
     * @param before acknowledged when the test began
     * @param after acknowledged while the test VM answered
     */
    record TestShown(String point, LogPosition before, LogPosition after) {
        boolean replicationWentOn() {
            return after.isAfter(before);
        }
    }

    /** As JSON for programs; durations in seconds, sizes in bytes, instants in ISO 8601. */
    record Json(
            String lostSite, boolean proved, List<String> faults, Loss.Record lastDurableBeforeLoss,
            Loss.Record lastInReplica, Loss.Record firstAfterLoss, long recordsLost, double rpoSeconds,
            double rtoSeconds, ByteCount diskBytes, ByteCount initialSentBytes, ByteCount changedBytes,
            ByteCount sentBytes, String testedPoint, boolean replicationWentOnDuringTest, String fsync,
            String synchronousCommit, List<StageSeconds> stages, double totalSeconds) {
    }

    /** How long a stage took. */
    record StageSeconds(String stage, double seconds) {
    }

    Json json() {
        return new Json(site, loss.proved(), loss.faults(), loss.lastAtSource(), loss.lastInReplica(),
                loss.firstAfter(), loss.records(), seconds(loss.rpo()), seconds(outage.rto()),
                traffic.disks(), traffic.initialSent(), traffic.changed(), traffic.sent(),
                test.point(), test.replicationWentOn(), database.fsync(), database.synchronousCommit(),
                stages.stream().map(time -> new StageSeconds(time.stage(), seconds(time.took()))).toList(),
                seconds(total()));
    }

    Duration total() {
        return stages.stream().map(Narrator.StageTime::took).reduce(Duration.ZERO, Duration::plus);
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }
}
