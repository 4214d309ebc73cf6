package org.understudy.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.understudy.api.PolicyRequest;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.deployment.Deployment;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code ./dev bench}: measures Understudy beside public tools on a lab of its own, and leaves nothing behind.
 *
 * <p>Exit status 0 after a whole run; the report is on standard output, everything else on standard error.
 */
@Command(name = "./dev bench", mixinStandardHelpOptions = true,
        description = "Measures Understudy beside public tools that read the same running VM (root; ten minutes).",
        subcommands = RecoveryTimeCommand.class)
public final class Main implements Callable<Integer> {
    private static final String VM = "bench01";
    private static final ByteCount SECOND_DISK = ByteCount.ofMebibytes(256);
    private static final ByteCount STORAGE = ByteCount.ofGibibytes(12);
    private static final Duration COPY_FREQUENCY = Duration.ofSeconds(1);
    private static final Path IN_HOST = Path.of("/var/lib/libvirt/images/bench");
    private static final Duration ENDING = Duration.ofSeconds(90);

    @Option(names = "--quick", description = "One round with little data: minutes, not to be quoted.")
    private boolean quick;

    @Option(names = "--output", paramLabel = "text|json", defaultValue = "text",
            description = "How the report is told.")
    private Output output;

    @Option(names = "--lab", paramLabel = "NAME", defaultValue = "${env:UNDERSTUDY_LAB:-bench}",
            description = "The lab to bring up and take down again: ${DEFAULT-VALUE}.")
    private String labName;

    private final Progress told = new Progress();

    /** How the report is told. */
    enum Output { TEXT, JSON }

    private Main() {
    }

    public static void main(String[] args) {
        Thread main = Thread.currentThread();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> endInOrder(main, ended)));
        int status = new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failed, line, parsed) -> {
                    line.getErr().println(reason(failed));
                    return 1;
                })
                .execute(args);
        ended.countDown();
        System.exit(status);
    }

    /** Ctrl-C ends the wait that is under way; what was started is then taken down as after any failure. */
    private static void endInOrder(Thread main, CountDownLatch ended) {
        if (ended.getCount() > 0) {
            main.interrupt();
        }
        try {
            if (!ended.await(ENDING.toSeconds(), TimeUnit.SECONDS)) {
                System.err.println("bench: the end took too long; try lab/bin/lab down");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static String reason(Exception failed) {
        return failed instanceof FailureException failure
                ? "bench: " + failure.failure().message() + System.lineSeparator()
                        + failure.failure().recommendedAction()
                : "bench: " + failed.getMessage();
    }

    @Override
    public Integer call() throws IOException {
        BenchPlan plan = quick ? BenchPlan.QUICK : BenchPlan.FULL;
        Samples samples = new Samples(told::tell);
        Report report = BenchLab.during(labName, STORAGE, told,
                (lab, home, folder) -> measure(plan, lab, home, folder, samples));
        System.out.println(switch (output) {
            case TEXT -> report.text();
            case JSON -> report.json();
        });
        return 0;
    }

    private Report measure(BenchPlan plan, Lab lab, Path home, Path folder, Samples samples) throws IOException {
        told.tell("the guest starts and fills its first disk of %s".formatted(plan.firstDisk()));
        GuestSize size = GuestSize.SMALL.withDisks(plan.firstDisk(), SECOND_DISK);
        BenchGuest guest = new BenchGuest(lab.createGuest(size, VM, Lab.STOCKHOLM).address());
        guest.churn(plan.firstDisk());
        HostShell shell = new HostShell(lab, Lab.STOCKHOLM, IN_HOST, folder.resolve("tools.log"));
        PublicTools tools = new PublicTools(shell, VM);
        guest.pace(BenchGuest.IDLE);
        try (PullBackup backup = tools.begin()) {
            PartsMain.run(shell, backup.socket(), samples);
        }
        PolicyRequest policy = new PolicyRequest("bench", Optional.of(COPY_FREQUENCY), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(true));
        Deployment deployment = Deployment.start(lab, home, folder, policy);
        try {
            for (int round = 1; round <= plan.rounds(); round++) {
                told.tell("round %d of %d".formatted(round, plan.rounds()));
                new BenchRound(plan, guest, tools, deployment, VM).run(samples);
            }
        } finally {
            boolean interrupted = Thread.interrupted();
            deployment.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return new Report(samples, setting(plan));
    }

    private Map<String, String> setting(BenchPlan plan) {
        Map<String, String> setting = new LinkedHashMap<>();
        setting.put("machine", "%d processors, %s %s".formatted(Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"), System.getProperty("os.version")));
        setting.put("vm", "two disks of %s and %s, the first full of random data".formatted(
                plan.firstDisk(), SECOND_DISK));
        setting.put("product", "a cycle every %d s, zstd, TLS 1.3 to the other host, both hosts on one disk"
                .formatted(COPY_FREQUENCY.toSeconds()));
        setting.put("rounds", "%d, a burst of %s, %.0f s in all".formatted(
                plan.rounds(), plan.churn(), told.seconds()));
        return setting;
    }
}
