package org.understudy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.understudy.api.JobView;
import org.understudy.api.RecoveryPointView;
import org.understudy.lab.GuestSize;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.deployment.Await;
import org.understudy.lab.deployment.Deployment;
import org.understudy.model.ByteCount;
import org.understudy.model.JobId;

/**
 * Fails VMs over whose site was killed, one after the other, by the command line as a person does, and watches the
 * state that libvirt keeps of each QEMU. A VM for each disk and point, for a failover happens once. One thread.
 */
final class RecoveryTimes {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration OFTEN = Duration.ofMillis(2);
    private static final Path IN_HOST = Path.of("/var/lib/libvirt/images/bench");
    private static final ByteCount SECOND_DISK = ByteCount.ofMebibytes(64);

    private final Deployment deployment;
    private final Path home;
    private final Progress told;
    private final int points;
    private final ByteCount changed;

    RecoveryTimes(Deployment deployment, Path home, Progress told, int points, ByteCount changed) {
        this.deployment = deployment;
        this.home = home;
        this.told = told;
        this.points = points;
        this.changed = changed;
    }

    /** A VM that is to fail over. */
    private record Subject(ByteCount disk, boolean oldest, LabGuest guest, BenchGuest inside) {
        String item() {
            return guest.name();
        }
    }

    List<RecoveryTime> of(List<ByteCount> disks) throws IOException {
        List<Subject> subjects = new ArrayList<>();
        for (ByteCount disk : disks) {
            subjects.add(subject(disk, false));
            subjects.add(subject(disk, true));
        }
        List<String> oldest = new ArrayList<>();
        for (Subject subject : subjects) {
            oldest.add(newestPoint(subject));
        }
        for (int point = 0; point < points; point++) {
            for (Subject subject : subjects) {
                subject.inside().churn(changed);
            }
            for (Subject subject : subjects) {
                awaitPoint(subject, Instant.now());
            }
            told.tell("point %d of %d".formatted(point + 1, points));
        }
        deployment.lab().killSite(Lab.STOCKHOLM);
        Await.atMost(PATIENCE).untilTrue("silence of " + Lab.STOCKHOLM,
                () -> !deployment.client().host(Lab.STOCKHOLM).connected());
        List<RecoveryTime> times = new ArrayList<>();
        for (Subject subject : subjects) {
            String point = subject.oldest() ? oldest.get(subjects.indexOf(subject)) : "latest";
            times.add(failOver(subject, point));
        }
        return times;
    }

    private Subject subject(ByteCount disk, boolean oldest) throws IOException {
        String name = "rto-" + (disk.bytes() >> 30) + (oldest ? "-oldest" : "-newest");
        told.tell("VM " + name + " starts and is protected, disk of " + disk);
        LabGuest guest = deployment.lab().createGuest(
                GuestSize.SMALL.withDisks(disk, SECOND_DISK), name, Lab.STOCKHOLM);
        BenchGuest inside = new BenchGuest(guest.address());
        inside.pace(BenchGuest.IDLE);
        deployment.protect(name);
        deployment.awaitProtected(name, PATIENCE);
        return new Subject(disk, oldest, guest, inside);
    }

    private String newestPoint(Subject subject) throws IOException {
        return deployment.client().recoveryPoints(subject.item()).stream()
                .map(RecoveryPointView::id).findFirst()
                .orElseThrow(() -> new IOException("item " + subject.item() + " has no recovery point"));
    }

    private void awaitPoint(Subject subject, Instant after) throws IOException {
        deployment.awaitItem(subject.item(), "a point after " + after, item -> item.latestPoint()
                .filter(point -> point.capturedAt().isAfter(after)).isPresent(), PATIENCE);
    }

    private RecoveryTime failOver(Subject subject, String point) throws IOException {
        Path state = deployment.lab().host(Lab.AMSTERDAM).outside(
                Path.of("/run/libvirt/qemu/" + subject.item() + ".xml"));
        ProcessBuilder command = new ProcessBuilder(home.resolve("understudy").toString(), "failover", "start",
                subject.item(), "--point", point, "--yes");
        command.environment().putAll(deployment.environment());
        // Whether a checkout's sources are newer is no question of an installed product.
        command.environment().put("UNDERSTUDY_NO_BUILD", "1");
        Path said = deployment.logs().resolve("failover-" + subject.item() + ".log");
        Instant typed = Instant.now();
        long begun = System.nanoTime();
        Process typing = command.redirectErrorStream(true).redirectOutput(said.toFile()).start();
        long end = new Await(PATIENCE, OFTEN).until("QEMU of " + subject.item(), () -> runs(state, typing, said),
                Optional::isPresent).orElseThrow();
        JobView job = deployment.awaitJob(jobOf(subject), PATIENCE);
        RecoveryTime time = new RecoveryTime(subject.disk().toString(), subject.oldest() ? "oldest" : "newest",
                (end - begun) / 1e9, seconds(typed, job.createdAt()), startAlone(subject.item()), steps(job));
        told.tell("%s from %s: %s".formatted(subject.item(), point, time));
        return time;
    }

    /** When libvirt had noted that the guest's processors run; it writes the file anew whenever that changes. */
    private static Optional<Long> runs(Path state, Process typing, Path said) throws IOException {
        if (!typing.isAlive() && typing.exitValue() != 0) {
            throw new IOException("the command line refused: " + Files.readString(said));
        }
        try {
            return Files.readString(state).contains("state='running'")
                    ? Optional.of(System.nanoTime()) : Optional.empty();
        } catch (NoSuchFileException notYet) {
            return Optional.empty();
        }
    }

    private JobId jobOf(Subject subject) throws IOException {
        return deployment.client().jobs(Optional.empty(), false).stream()
                .filter(job -> job.name().equals("Failover")
                        && job.object().filter(object -> object.name().equals(subject.item())).isPresent())
                .findFirst().orElseThrow(() -> new IOException("no job fails " + subject.item() + " over")).id();
    }

    /** Off, on and off again by libvirt's own tool: what QEMU's start takes on this machine, whoever asks for it. */
    private double startAlone(String vm) throws IOException {
        HostShell shell = new HostShell(
                deployment.lab(), Lab.AMSTERDAM, IN_HOST, deployment.logs().resolve("virsh.log"));
        shell.run("virsh destroy " + vm);
        double seconds = shell.run("virsh start " + vm).seconds();
        // Its guest would take the processors from whoever is measured next.
        shell.run("virsh destroy " + vm);
        return seconds;
    }

    private static String steps(JobView job) {
        return job.steps().stream().filter(step -> step.startedAt().isPresent() && step.endedAt().isPresent())
                .map(step -> String.format(Locale.ROOT, "%s %.2f", step.name(),
                        seconds(step.startedAt().get(), step.endedAt().get())))
                .collect(Collectors.joining(", "));
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / (double) TimeUnit.SECONDS.toNanos(1);
    }
}
