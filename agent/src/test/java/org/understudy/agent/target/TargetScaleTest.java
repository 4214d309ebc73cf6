package org.understudy.agent.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.changelog.Compression;
import org.understudy.command.AgentReport;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.VmId;
import org.understudy.replica.ManyPoints;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaDisk;
import org.understudy.replica.ReplicaSettings;
import org.understudy.replica.ReplicaSpec;
import org.understudy.replica.Retention;
import org.understudy.replication.SegmentOffer;
import org.understudy.replication.SegmentReceiver;

/** A target host at the most that a policy asks for: 60 VMs, a point of each in every second of a day. */
@Tag("slow")
@Timeout(600)
class TargetScaleTest {
    private static final Logger LOG = LoggerFactory.getLogger(TargetScaleTest.class);
    private static final int REPLICAS = 60;
    private static final int POINTS = 86_400;
    private static final int CYCLES = 3;
    /** The numbers of the chains, a half more for their growth, and what the agent has besides. */
    private static final long HEAP_MOST = 320L << 20;
    private static final Duration PICTURE_MOST = Duration.ofMillis(250);
    private static final DiskName VDA = new DiskName("vda");
    private static final ByteCount SIZE = ByteCount.ofMebibytes(1);

    @TempDir
    Path folder;

    /** In a process with the memory that the service has, which ends at once when that is not enough. */
    @Tag("slow")
    @Test
    void holdsADayOfPointsOfSixtyReplicasInTheAgentsMemory() throws Exception {
        Path printed = folder.resolve("printed");
        Process process = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"), TargetScaleTest.class.getName(), folder.toString())
                .redirectErrorStream(true).redirectOutput(printed.toFile()).start();
        assertThat(process.waitFor(9, TimeUnit.MINUTES)).as("ends").isTrue();
        String said = Files.readString(printed);
        assertThat(process.exitValue()).as(said).isZero();
        LOG.info("{}", Files.readString(folder.resolve("proof")));
    }

    /** The process; its one argument is a folder that holds nothing. */
    public static void main(String[] arguments) throws IOException {
        new Host(Path.of(arguments[0]).resolve("replicas")).run();
    }

    /** One target host. */
    private static final class Host {
        private final Path folder;
        private final Clock clock = Clock.systemUTC();
        private final Instant now = clock.instant();
        private final List<ReplicaSpec> specs = new ArrayList<>();

        Host(Path folder) {
            this.folder = folder;
        }

        void run() throws IOException {
            try (ReplicaCatalog catalog = ReplicaCatalog.open(folder, ReplicaSettings.usual(clock))) {
                for (int i = 0; i < REPLICAS; i++) {
                    specs.add(catalog.create(new ReplicaSpec(ItemId.random(), 1, VmId.random(), "web" + i,
                            HostId.random(), List.of(new ReplicaDisk(VDA, SIZE)),
                            new Retention(0, Duration.ofHours(25)))).spec());
                }
            }
            for (ReplicaSpec spec : specs) {
                ManyPoints.standAt(folder.resolve(spec.item().toString()), spec, POINTS, now);
            }
            Hypervisor none = (Hypervisor) Proxy.newProxyInstance(Host.class.getClassLoader(),
                    new Class<?>[] {Hypervisor.class}, (_, method, _) -> {
                        throw new AssertionError("asked for " + method.getName());
                    });
            try (ReplicaCatalog catalog = ReplicaCatalog.open(folder, ReplicaSettings.usual(clock));
                    MachineReadiness readiness = new MachineReadiness(
                            new TargetPlanner(none, new BootFolder(folder.resolveSibling("boot"))), clock);
                    Replicas replicas = new Replicas(catalog, readiness, clock)) {
                catalog.all().forEach(it -> ManyPoints.fill(it, POINTS - 1, now.minusSeconds(POINTS - 1)));
                replicas.resume();
                goOn(catalog, replicas);
            }
        }

        private void goOn(ReplicaCatalog catalog, Replicas replicas) throws IOException {
            for (int cycle = 1; cycle <= CYCLES; cycle++) {
                LogPosition position = new LogPosition(1, POINTS + cycle);
                for (Replica replica : catalog.all()) {
                    receive(replica, position);
                }
                long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
                while (!picture(replicas).stream().allMatch(it -> it.applied().equals(position))) {
                    assertThat(System.nanoTime()).as("every loop applies " + position).isLessThan(deadline);
                    Thread.onSpinWait();
                }
            }
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 20; i++) {
                long began = System.nanoTime();
                assertThat(picture(replicas)).hasSize(REPLICAS)
                        .allSatisfy(it -> assertThat(it.held().count()).isEqualTo(POINTS + CYCLES));
                best = Math.min(best, System.nanoTime() - began);
            }
            System.gc();
            long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
            Files.writeString(folder.resolveSibling("proof"), String.format(Locale.ROOT,
                    "%d replicas, %,d points: heap %d MiB, a picture takes %d ms",
                    REPLICAS, (long) REPLICAS * (POINTS + CYCLES), heap >> 20, best / 1_000_000));
            assertThat(heap).as("bytes of heap").isLessThan(HEAP_MOST);
            assertThat(best).as("ns of a picture").isLessThan(PICTURE_MOST.toNanos());
        }

        private static List<AgentReport.TargetProgress> picture(Replicas replicas) {
            List<AgentReport.TargetProgress> reports = replicas.reports(trouble -> {
                throw new AssertionError(trouble.message());
            });
            assertThat(reports).allSatisfy(it -> assertThat(it.trouble()).as("loops are alive").isEmpty());
            return reports;
        }

        private void receive(Replica replica, LogPosition position) throws IOException {
            Path log = Files.createTempFile(folder.getParent(), "segment", ".hrl");
            Files.delete(log);
            ChangeLogHeader header = new ChangeLogHeader(replica.spec().vm(), VDA, position, position.sequence() - 1,
                    SIZE, SIZE, now.plusSeconds(position.sequence() - POINTS), Consistency.CRASH);
            try (ChangeLogWriter writer = ChangeLogWriter.create(log, header, Compression.NONE)) {
                writer.data(0, ByteBuffer.allocateDirect(4096));
                writer.finish();
            }
            try (SegmentReceiver receiver = replica.receive(new SegmentOffer(
                    VDA, position, header.capture(), new ByteCount(Files.size(log)), 0))) {
                receiver.accept(ByteBuffer.wrap(Files.readAllBytes(log)));
                receiver.durable();
            }
            replica.acknowledge(position);
            Files.delete(log);
        }
    }
}
