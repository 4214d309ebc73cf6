package org.understudy.bench;

import java.io.IOException;
import java.time.Duration;
import org.understudy.lab.deployment.Deployment;
import org.understudy.model.ByteCount;

/** One time everything on one VM: public tools, then the product, then the VM is as it was. One thread. */
final class BenchRound {
    private static final Duration LOOK_AT_MACHINE = Duration.ofSeconds(3);

    private final BenchPlan plan;
    private final BenchGuest guest;
    private final PublicTools tools;
    private final Deployment deployment;
    private final String vm;

    BenchRound(BenchPlan plan, BenchGuest guest, PublicTools tools, Deployment deployment, String vm) {
        this.plan = plan;
        this.guest = guest;
        this.tools = tools;
        this.deployment = deployment;
        this.vm = vm;
    }

    /** What the guest does for whoever measures. */
    interface Change {
        /** Writes no more. */
        void idle() throws IOException;

        /** Writes the burst; it is durable in the guest on return. */
        void write() throws IOException;
    }

    /** Lets the guest write records for a while and tells how many bytes they were. */
    @FunctionalInterface
    interface Records {
        ByteCount write() throws IOException;
    }

    void run(Samples samples, ByteCount content) throws IOException {
        Change change = new Change() {
            @Override
            public void idle() throws IOException {
                guest.pace(BenchGuest.IDLE);
            }

            @Override
            public void write() throws IOException {
                guest.churn(plan.churn());
            }
        };
        guest.pace(BenchGuest.IDLE);
        samples.add(Figure.MACHINE_BUSY, CpuClock.machineBusy(LOOK_AT_MACHINE));
        BenchGuest.Writing unprotected = guest.writeUnpaced(plan.writing());
        guest.pace(BenchGuest.USUAL);
        tools.measureInitial(samples);
        tools.measureIncrements(samples, plan.idleCycles() / 2, change);
        guest.pace(BenchGuest.USUAL);
        try (Product product = Product.on(deployment, vm)) {
            product.measureInitial(samples, content);
            change.idle();
            product.measureIdle(samples, plan.idleCycles());
            product.measureChurn(samples, plan.churn(), change);
            product.measureRecords(samples, () -> guest.write(BenchGuest.USUAL, plan.writing()).bytes());
            BenchGuest.Writing protectedWriting = guest.writeUnpaced(plan.writing());
            writing(samples, unprotected, protectedWriting);
            product.disable();
        }
    }

    private static void writing(Samples samples, BenchGuest.Writing before, BenchGuest.Writing under) {
        samples.add(Figure.GUEST_RATE_UNPROTECTED, before.recordsPerSecond());
        samples.add(Figure.GUEST_RATE_PROTECTED, under.recordsPerSecond());
        samples.add(Figure.GUEST_RATE_KEPT, 100 * under.recordsPerSecond() / before.recordsPerSecond());
        samples.add(Figure.GUEST_P99_UNPROTECTED, before.p99().toNanos() / 1e6);
        samples.add(Figure.GUEST_P99_PROTECTED, under.p99().toNanos() / 1e6);
    }
}
