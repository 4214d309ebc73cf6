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

    void run(Samples samples) throws IOException {
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
        guest.pace(BenchGuest.USUAL);
        tools.measureInitial(samples);
        tools.measureIncrements(samples, plan.idleCycles() / 2, change);
        double before = unprotected(samples);
        guest.pace(BenchGuest.USUAL);
        double under;
        try (Product product = Product.on(deployment, vm)) {
            product.measureInitial(samples);
            change.idle();
            product.measureIdle(samples, plan.idleCycles());
            product.measureChurn(samples, plan.churn(), change);
            product.measureRecords(samples, () -> guest.write(BenchGuest.USUAL, plan.writing()).bytes());
            under = protectedRate(samples);
            product.disable();
        }
        samples.add(Figure.GUEST_RATE_KEPT, 100 * under / ((before + unprotected(samples)) / 2));
    }

    private double unprotected(Samples samples) throws IOException {
        BenchGuest.Writing writing = guest.writeUnpaced(plan.writing());
        samples.add(Figure.GUEST_RATE_UNPROTECTED, writing.recordsPerSecond());
        samples.add(Figure.GUEST_P99_UNPROTECTED, writing.p99().toNanos() / 1e6);
        return writing.recordsPerSecond();
    }

    private double protectedRate(Samples samples) throws IOException {
        BenchGuest.Writing writing = guest.writeUnpaced(plan.writing());
        samples.add(Figure.GUEST_RATE_PROTECTED, writing.recordsPerSecond());
        samples.add(Figure.GUEST_P99_PROTECTED, writing.p99().toNanos() / 1e6);
        return writing.recordsPerSecond();
    }
}
