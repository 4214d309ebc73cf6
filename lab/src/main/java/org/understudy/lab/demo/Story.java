package org.understudy.lab.demo;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.understudy.api.CleanupRequest;
import org.understudy.api.DatabaseView;
import org.understudy.api.FailoverRequest;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.PolicyRequest;
import org.understudy.api.ProgressView;
import org.understudy.api.TestFailoverRequest;
import org.understudy.api.VaultClient;
import org.understudy.lab.GuestSize;
import org.understudy.lab.GuestStatus;
import org.understudy.lab.Lab;
import org.understudy.lab.LabGuest;
import org.understudy.lab.LabHost;
import org.understudy.lab.deployment.Await;
import org.understudy.lab.deployment.Deployment;
import org.understudy.lab.demo.DemoReport.Outage;
import org.understudy.lab.demo.DemoReport.TestShown;
import org.understudy.model.ByteCount;
import org.understudy.model.LogPosition;

/**
 * The story of a demo, act by act: protect a running VM, test its failover, lose its site, run it at the other.
 *
 * <p>Cleans nothing up; whoever plays it does. Played once, by one thread.
 */
final class Story {
    private static final String VM = DemoPlan.VM;
    private static final ByteCount FILLING = ByteCount.ofMebibytes(96);
    private static final Duration COPY = Duration.ofMinutes(5);
    private static final Duration JOB = Duration.ofMinutes(2);
    private static final Duration BOOT = Duration.ofMinutes(2);
    private static final Duration WATCHED = Duration.ofSeconds(12);

    private final DemoPlan plan;
    private final DemoFolder folder;
    private final Narrator narrator;
    private final Lab lab;
    private final HostShell shell;
    private final RecordsReader reader;

    private LabGuest guest;
    private Deployment deployment;
    private DatabaseView database;
    private ProgressView initial;
    private ProgressView last;
    private TestShown test;
    private Outage outage;
    private Loss loss;

    Story(DemoPlan plan, Lab lab, DemoFolder folder, Narrator narrator) {
        this.plan = plan;
        this.lab = lab;
        this.folder = folder;
        this.narrator = narrator;
        shell = new HostShell(lab);
        reader = new RecordsReader(shell, folder.path().resolve("copies"));
    }

    DemoReport play() throws IOException {
        narrator.stage("Two sites, stockholm and amsterdam", this::raiseLab);
        narrator.stage("A VM at stockholm", this::createGuest);
        narrator.stage("A vault, and an agent in each site", this::deploy);
        narrator.stage("Protection of " + VM, this::protect);
        narrator.stage("Replication every " + plan.frequency().toSeconds() + " s while " + VM + " writes", this::watch);
        narrator.stage("Test failover at amsterdam, in an isolated network", this::testFailover);
        narrator.stage("Stockholm is lost; failover at amsterdam", this::loseSite);
        narrator.stage("The proof, from the disks of both sites", this::prove);
        if (!plan.keep()) {
            narrator.stage("Commit", this::commit);
        }
        return new DemoReport(Lab.STOCKHOLM, loss, outage, Traffic.between(initial, last), test, database,
                narrator.times());
    }

    /** Known once the vault runs. */
    Optional<Deployment> deployment() {
        return Optional.ofNullable(deployment);
    }

    private void raiseLab() throws IOException {
        lab.up(Deployment.HOSTS.size());
        for (LabHost host : lab.hosts()) {
            narrator.say("%-9s  %s, libvirt networks %s".formatted(
                    host.name(), host.address(), String.join(", ", host.networks())));
        }
    }

    private void createGuest() throws IOException {
        guest = lab.createGuest(GuestSize.SMALL, VM, Lab.STOCKHOLM);
        guest.churn(FILLING);
        GuestStatus status = guest.status();
        narrator.say(("%s answers at http://%s/ and writes %.0f records a second, each durable on disk 1 and then on"
                + " disk 2").formatted(VM, guest.address(), status.pace().targetPerSecond()));
        narrator.say("two disks of %s and %s; %s of random bytes on the first, so that there is something to copy"
                .formatted(GuestSize.SMALL.firstDisk(), GuestSize.SMALL.secondDisk(), FILLING));
    }

    private void deploy() throws IOException {
        deployment = new Deployment(lab, plan.home(), folder.path());
        deployment.startVault();
        database = deployment.client().vault().database();
        narrator.say("the vault answers at " + deployment.vault().url());
        narrator.say("its PostgreSQL %s says: fsync %s, synchronous_commit %s".formatted(
                database.serverVersion(), database.fsync(), database.synchronousCommit()));
        deployment.startAgents();
        narrator.say("both hosts are registered, and their agents report");
        deployment.pair(PolicyRequest.named("every-" + plan.frequency().toSeconds() + "-s", plan.frequency()));
        narrator.say("cloud pair stockholm-cloud to amsterdam-cloud; network production becomes recovery");
    }

    private void protect() throws IOException {
        deployment.protect(VM);
        ItemView item = Await.atMost(COPY).until("the end of initial replication", () -> {
            ItemView now = client().item(VM);
            ProgressView progress = now.progress();
            narrator.move("%s  %s of %s, %s sent%s".formatted(Narrator.bar(progress.percent()), progress.covered(),
                    progress.total(), progress.sent(), trouble(now)));
            return now;
        }, Story::isCopied);
        initial = item.progress();
        last = initial;
        narrator.say("%s is protected: %s of disks, %s sent, latest recovery point %s".formatted(
                VM, initial.total(), initial.sent(), item.latestPoint().orElseThrow().id()));
    }

    /** Also by the source's counters, which may reach the vault a moment after the target's word of its first point. */
    private static boolean isCopied(ItemView item) {
        ProgressView progress = item.progress();
        return item.state().equals("Protected") && item.latestPoint().isPresent()
                && progress.covered().equals(progress.total()) && progress.waiting().equals(ByteCount.ZERO);
    }

    private void watch() throws IOException {
        long end = System.nanoTime() + WATCHED.toNanos();
        while (System.nanoTime() < end) {
            GuestStatus status = guest.status();
            ItemView item = look();
            narrator.move("%s: record %d, %.0f/s; acknowledged %s, RPO %s; changed %s, sent %s%s".formatted(
                    VM, status.records().last(), status.pace().perSecond(), acknowledged(item), rpo(item),
                    item.progress().changed(), item.progress().sent(), trouble(item)));
            Await.pass(Duration.ofSeconds(1));
        }
        ItemView item = look();
        narrator.say("%d recovery points, health %s".formatted(item.recoveryPoints(), item.health().level()));
    }

    private void testFailover() throws IOException {
        HostContents before = HostContents.of(shell, Lab.AMSTERDAM);
        LogPosition acknowledged = acknowledged(look());
        long written = guest.status().records().last();
        JobView job = deployment.awaitJob(client().testFailover(VM, TestFailoverRequest.isolated()).id(), JOB);
        ItemView item = look();
        var started = item.testFailover().orElseThrow();
        LabGuest copy = lab.guest(started.vmName(), Lab.AMSTERDAM);
        GuestStatus answer = copy.awaitAnswer(BOOT);
        String point = started.point().orElseThrow().id();
        narrator.say("\"%s\" runs from recovery point %s and answers inside its network: found records 1..%d, writes on"
                .formatted(started.vmName(), point, answer.records().firstOfThisBoot() - 1));
        ItemView after = deployment.awaitItem(VM, "replication during the test failover",
                seen -> acknowledged(seen).isAfter(acknowledged), JOB);
        test = new TestShown(point, acknowledged, acknowledged(after));
        narrator.say("meanwhile %s wrote records %d..%d at stockholm; acknowledged went from %s to %s".formatted(
                VM, written + 1, guest.status().records().last(), test.before(), test.after()));
        client().cleanUpTestFailover(VM, new CleanupRequest(Optional.of("shown by the demo")));
        deployment.awaitJob(job.id(), JOB);
        Set<String> left = Await.atMost(JOB).untilPresent("the test failover's clean-up", () ->
                client().item(VM).testFailover().isPresent() ? Optional.empty()
                        : Optional.of(HostContents.of(shell, Lab.AMSTERDAM).since(before)));
        if (!left.isEmpty()) {
            throw new IOException("the test failover's clean-up left at amsterdam: " + String.join(", ", left));
        }
        narrator.say("cleaned up: no VM, network, interface or disk image of the test is left at amsterdam");
    }

    private void loseSite() throws IOException {
        look();
        Instant killedAt = lab.killSite(Lab.STOCKHOLM);
        narrator.say("killed at once: agent, libvirtd, QEMU, the site's end of the link");
        // The person in front of this knows that the site is gone; the vault would find out after its heartbeat's time.
        JobView job = client().failOver(VM, new FailoverRequest(Optional.empty(), Optional.of(false),
                Optional.of(true), Optional.of("site stockholm is lost")));
        deployment.awaitJob(job.id(), JOB);
        ItemView item = client().item(VM);
        narrator.say("the vault started %s at amsterdam from point %s".formatted(
                VM, item.failedOverTo().orElseThrow().id()));
        guest = lab.guest(VM, Lab.AMSTERDAM);
        guest.awaitAnswer(BOOT);
        outage = new Outage(killedAt, Instant.now());
        narrator.say("%s answers again, %s after the kill".formatted(VM, Narrator.seconds(outage.rto())));
    }

    private void prove() throws IOException {
        Await.atMost(BOOT).until("the first record of " + VM + " at amsterdam", guest::status,
                status -> status.records().last() >= status.records().firstOfThisBoot());
        RecordHistory source = RecordHistory.of(reader.atDeadSite(Lab.STOCKHOLM, VM));
        RecordHistory target = RecordHistory.of(reader.ofRunning(Lab.AMSTERDAM, VM));
        loss = Loss.between(source, target);
        narrator.say("stockholm's disks hold records 1..%d, amsterdam's 1..%d".formatted(
                source.last(), target.last()));
        if (!loss.proved()) {
            throw new IOException("the disks do not agree: " + String.join("; ", loss.faults()));
        }
    }

    private void commit() throws IOException {
        deployment.awaitJob(client().commit(VM).id(), JOB);
        narrator.say(client().item(VM).stateDescription());
    }

    /** Keeps the newest counters, for the time when nobody can report them any more. */
    private ItemView look() {
        ItemView item = client().item(VM);
        last = item.progress();
        return item;
    }

    private VaultClient client() {
        return deployment.client();
    }

    private static LogPosition acknowledged(ItemView item) {
        return item.progress().acknowledged().orElseGet(() -> LogPosition.startOf(item.generation()));
    }

    private static String rpo(ItemView item) {
        return item.rpoSeconds().map(seconds -> seconds + " s").orElse("unknown");
    }

    private static String trouble(ItemView item) {
        return item.trouble().map(failure -> "  (" + failure.message() + ")").orElse("");
    }
}
