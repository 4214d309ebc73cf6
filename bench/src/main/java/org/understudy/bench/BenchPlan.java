package org.understudy.bench;

import java.time.Duration;
import org.understudy.model.ByteCount;

/**
 * How much is measured.
 *
 * @param rounds of everything but the parts; in a round public tools and product take turns, so that other load on the
 *     machine meets both
 * @param firstDisk filled with random data beforehand, so that bursts rewrite and the content stays as large as it is
 * @param churn random data written for one cycle
 * @param idleCycles of each round
 * @param writing for how long the guest writes in each measurement of its rate
 */
record BenchPlan(int rounds, ByteCount firstDisk, ByteCount churn, int idleCycles, Duration writing) {
    static final BenchPlan FULL = new BenchPlan(3, ByteCount.ofMebibytes(1280),
            ByteCount.ofMebibytes(100), 10, Duration.ofSeconds(12));
    static final BenchPlan QUICK = new BenchPlan(1, ByteCount.ofMebibytes(448),
            ByteCount.ofMebibytes(50), 5, Duration.ofSeconds(11));
}
