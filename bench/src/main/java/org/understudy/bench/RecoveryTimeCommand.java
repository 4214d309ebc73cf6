package org.understudy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.api.PolicyRequest;
import org.understudy.lab.deployment.Deployment;
import org.understudy.model.ByteCount;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code ./dev bench rto}: the time from the typed command of a failover to a running QEMU, which is the RTO without
 * the guest's own boot; of a small and of a large disk, at the newest and at the oldest of many points, their site
 * killed.
 */
@Command(name = "rto", mixinStandardHelpOptions = true,
        description = "Measures the time from the command of a failover to a running QEMU (root; ten minutes).")
final class RecoveryTimeCommand implements Callable<Integer> {
    private static final ByteCount STORAGE = ByteCount.ofGibibytes(12);
    private static final Duration COPY_FREQUENCY = Duration.ofSeconds(2);

    @Option(names = "--disks", paramLabel = "GIB", split = ",", defaultValue = "10,2048",
            description = "The sizes of the VMs' first disks, sparse: ${DEFAULT-VALUE}.")
    private List<Integer> disks;

    @Option(names = "--points", defaultValue = "24",
            description = "How many points lie between the oldest and the newest: ${DEFAULT-VALUE}.")
    private int points;

    @Option(names = "--changed", paramLabel = "MIB", defaultValue = "8",
            description = "What the guest changes from each point to the next: ${DEFAULT-VALUE}.")
    private int changed;

    @Option(names = "--output", paramLabel = "text|json", defaultValue = "text",
            description = "How the report is told.")
    private Main.Output output;

    @Option(names = "--logs", paramLabel = "FOLDER", description = "Keep there what the processes said.")
    private Optional<Path> logs = Optional.empty();

    @Option(names = "--lab", paramLabel = "NAME", defaultValue = "${env:UNDERSTUDY_LAB:-bench}",
            description = "The lab to bring up and take down again: ${DEFAULT-VALUE}.")
    private String labName;

    @Override
    public Integer call() throws IOException {
        Progress told = new Progress();
        PolicyRequest policy = new PolicyRequest("bench", Optional.of(COPY_FREQUENCY), Optional.of(24),
                Optional.of(Duration.ofHours(1)), Optional.empty(), Optional.empty(), Optional.of(true));
        List<RecoveryTime> times = BenchLab.during(labName, STORAGE, told, (lab, home, folder) -> {
            Deployment deployment = Deployment.start(lab, home, folder, policy);
            try {
                return new RecoveryTimes(deployment, home, told, points, ByteCount.ofMebibytes(changed))
                        .of(disks.stream().map(ByteCount::ofGibibytes).toList());
            } finally {
                boolean interrupted = Thread.interrupted();
                deployment.close();
                logs.ifPresent(to -> BenchLab.copyLogs(folder, to));
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        System.out.println(switch (output) {
            case TEXT -> table(times);
            case JSON -> new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(times);
        });
        return 0;
    }

    private String table(List<RecoveryTime> times) {
        StringBuilder text = new StringBuilder("%d points, %d MiB changed from each to the next; the source's site "
                .formatted(points, changed) + "is killed; seconds from the typed command%n%n".formatted());
        text.append("%-10s %-8s %10s %12s %12s  %s%n".formatted("disk", "point", "QEMU runs", "vault asked",
                "virsh start", "the job, by step"));
        for (RecoveryTime time : times) {
            text.append(String.format(Locale.ROOT, "%-10s %-8s %10.2f %12.2f %12.2f  %s%n", time.disk(), time.point(),
                    time.seconds(), time.secondsToVault(), time.secondsOfQemu(), time.steps()));
        }
        return text.toString();
    }
}
