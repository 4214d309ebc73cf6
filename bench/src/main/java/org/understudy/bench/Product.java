package org.understudy.bench;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.understudy.api.DisableRequest;
import org.understudy.api.ItemView;
import org.understudy.api.ProgressView;
import org.understudy.api.RecoveryPointView;
import org.understudy.lab.Lab;
import org.understudy.lab.LabHost;
import org.understudy.lab.deployment.Deployment;
import org.understudy.model.ByteCount;

/**
 * The VM under protection by the product as it is deployed, from the request to protect to the removal of the replica.
 *
 * <p>Times come from {@link CycleWatch}, counts of bytes from what the agents report to the vault. One thread.
 */
final class Product implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Deployment deployment;
    private final CycleWatch watch;
    private final String vm;
    private final long qemu;
    private String item;

    private Product(Deployment deployment, CycleWatch watch, String vm, long qemu) {
        this.deployment = deployment;
        this.watch = watch;
        this.vm = vm;
        this.qemu = qemu;
    }

    /** Protects nothing yet. */
    static Product on(Deployment deployment, String vm) throws IOException {
        LabHost source = deployment.lab().host(Lab.STOCKHOLM);
        long qemu = Long.parseLong(Files.readString(
                source.outside(Path.of("/run/libvirt/qemu/" + vm + ".pid"))).strip());
        return new Product(deployment, CycleWatch.start(source.images()), vm, qemu);
    }

    /** Protects the VM, and waits until its replica can take over. */
    void measureInitial(Samples samples) throws IOException {
        double[] cpuBefore = cpu();
        item = deployment.protect(vm).id().toString();
        deployment.awaitProtected(item, PATIENCE);
        double[] cpuAfter = cpu();
        List<RecoveryPointView> points = deployment.client().recoveryPoints(item);
        long whole = points.stream().mapToLong(point -> sequence(point.id())).min().orElseThrow();
        List<CycleWatch.Cycle> cycles = watch.await((int) whole, cycle -> cycle.sequence() <= whole, PATIENCE);
        samples.add(Figure.INITIAL_UNDERSTUDY,
                (cycles.getLast().acknowledged() - cycles.getFirst().begun()) / 1e9);
        samples.add(Figure.INITIAL_CYCLES, whole);
        samples.add(Figure.INITIAL_BEGIN, cycles.stream().mapToDouble(CycleWatch.Cycle::beginSeconds).sum());
        samples.add(Figure.INITIAL_CAPTURE, cycles.stream().mapToDouble(CycleWatch.Cycle::captureSeconds).sum());
        samples.add(Figure.INITIAL_SHIP, shipping(cycles));
        samples.add(Figure.INITIAL_WIRE,
                settled().sent().bytes() / 1e6 / samples.median(Figure.INITIAL_CONTENT).orElseThrow());
        samples.add(Figure.INITIAL_SOURCE_CPU, cpuAfter[0] - cpuBefore[0]);
        samples.add(Figure.INITIAL_TARGET_CPU, cpuAfter[1] - cpuBefore[1]);
        samples.add(Figure.INITIAL_QEMU_CPU, cpuAfter[2] - cpuBefore[2]);
    }

    /** Cycles of a guest that writes nothing. */
    void measureIdle(Samples samples, int cycles) throws IOException {
        ProgressView before = settled();
        long now = System.nanoTime();
        for (CycleWatch.Cycle cycle : watch.await(cycles, seen -> seen.begun() > now, PATIENCE)) {
            samples.add(Figure.IDLE_UNDERSTUDY, cycle.seconds());
            samples.add(Figure.IDLE_BEGIN, cycle.beginSeconds());
            samples.add(Figure.IDLE_CAPTURE, cycle.captureSeconds());
            samples.add(Figure.IDLE_SHIP, cycle.shipSeconds());
        }
        ProgressView after = settled();
        samples.add(Figure.IDLE_WIRE, (double) (after.sent().bytes() - before.sent().bytes())
                / (after.acknowledged().orElseThrow().sequence() - before.acknowledged().orElseThrow().sequence()));
    }

    /** One cycle with all of a burst in it, for the agent sleeps while the guest writes; then a burst as it comes. */
    void measureChurn(Samples samples, ByteCount burst, BenchRound.Change change) throws IOException {
        ProgressView before = settled();
        signal("STOP");
        long awake;
        try {
            change.write();
        } finally {
            awake = System.nanoTime();
            signal("CONT");
        }
        CycleWatch.Cycle cycle = watch.await(seen -> seen.begun() > awake, PATIENCE);
        samples.add(Figure.CHURN_UNDERSTUDY, cycle.seconds());
        samples.add(Figure.CHURN_BEGIN, cycle.beginSeconds());
        samples.add(Figure.CHURN_CAPTURE, cycle.captureSeconds());
        samples.add(Figure.CHURN_SHIP, cycle.shipSeconds());
        settled();
        change.write();
        long written = System.nanoTime();
        CycleWatch.Cycle safe = watch.await(seen -> seen.begun() > written, PATIENCE);
        samples.add(Figure.CHURN_LAG, (safe.acknowledged() - written) / 1e9);
        samples.add(Figure.CHURN_WIRE, ratio(difference(settled().sent(), before.sent()), burst.plus(burst)));
    }

    /** Bytes sent and found changed while the guest writes records at a pace. */
    void measureRecords(Samples samples, BenchRound.Records records) throws IOException {
        ProgressView before = settled();
        ByteCount written = records.write();
        ProgressView after = settled();
        samples.add(Figure.WRITER_WIRE, ratio(difference(after.sent(), before.sent()), written));
        samples.add(Figure.WRITER_CHANGED, ratio(difference(after.changed(), before.changed()), written));
    }

    /** Takes the protection away with everything it made; the VM runs on. */
    void disable() throws IOException {
        deployment.awaitJob(deployment.client().disable(
                item, new DisableRequest(Optional.of(true), Optional.empty())).id(), PATIENCE);
    }

    @Override
    public void close() throws IOException {
        watch.close();
    }

    /** The reported progress once everything written before this call is acknowledged. */
    private ProgressView settled() throws IOException {
        long now = System.nanoTime();
        // The second: on a busy machine the watch may hear late of one that had begun before.
        long sequence = watch.await(2, cycle -> cycle.begun() > now, PATIENCE).getLast().sequence();
        ItemView seen = deployment.awaitItem(item, "a report of cycle " + sequence, view -> view.progress()
                .acknowledged().filter(acknowledged -> acknowledged.sequence() >= sequence).isPresent(), PATIENCE);
        return seen.progress();
    }

    /** Without the time that a log waited for the one before it. */
    private static double shipping(List<CycleWatch.Cycle> cycles) {
        double seconds = 0;
        long free = 0;
        for (CycleWatch.Cycle cycle : cycles) {
            seconds += (cycle.acknowledged() - Math.max(free, cycle.captured())) / 1e9;
            free = cycle.acknowledged();
        }
        return seconds;
    }

    private double[] cpu() throws IOException {
        return new double[] {
            CpuClock.seconds(deployment.agent(Lab.STOCKHOLM).pid()),
            CpuClock.seconds(deployment.agent(Lab.AMSTERDAM).pid()),
            CpuClock.seconds(qemu)
        };
    }

    private void signal(String name) throws IOException {
        Process kill = new ProcessBuilder("kill", "-" + name,
                Long.toString(deployment.agent(Lab.STOCKHOLM).pid())).inheritIO().start();
        try {
            if (kill.waitFor() != 0) {
                throw new IOException("the source's agent did not take SIG" + name);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the agent was told SIG" + name);
        }
    }

    private static long sequence(String point) {
        return Long.parseLong(point.substring(point.indexOf('-') + 1));
    }

    private static ByteCount difference(ByteCount after, ByteCount before) {
        return new ByteCount(after.bytes() - before.bytes());
    }

    private static double ratio(ByteCount part, ByteCount of) {
        return (double) part.bytes() / of.bytes();
    }
}
