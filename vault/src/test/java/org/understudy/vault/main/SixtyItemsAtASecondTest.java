package org.understudy.vault.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.api.FailoverRequest;
import org.understudy.api.ItemView;
import org.understudy.api.JobView;
import org.understudy.api.PolicyRequest;
import org.understudy.api.ProtectRequest;
import org.understudy.api.RecoveryPointView;
import org.understudy.command.AgentCommand;
import org.understudy.command.AgentEndpoint;
import org.understudy.command.AgentReport;
import org.understudy.command.CommandCodec;
import org.understudy.command.PointsHeld;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VirtualNetwork;
import org.understudy.model.VmId;

/**
 * The most that policies allow on one target host: 60 VMs copied every second, a day of points each, 5.2 million in
 * all. Reports pass, the list is read page by page, and the end of a failover arrives between them.
 */
@Tag("slow")
@Timeout(300)
class SixtyItemsAtASecondTest {
    private static final int ITEMS = 60;
    private static final int POINTS = 24 * 60 * 60;

    @TempDir
    Path data;
    private Story story;
    private final List<ItemId> items = new ArrayList<>();

    @BeforeEach
    void protectSixtyMachines() throws Exception {
        story = Story.told(data);
        story.people().changePolicy("fast", new PolicyRequest("fast", Optional.of(Duration.ofSeconds(1)),
                Optional.empty(), Optional.of(Duration.ofHours(24)), Optional.empty(), Optional.empty(),
                Optional.empty()));
        List<VirtualMachine> machines = new ArrayList<>();
        for (int i = 0; i < ITEMS; i++) {
            machines.add(new VirtualMachine(VmId.random(), "vm%02d".formatted(i), PowerState.RUNNING,
                    List.of(new VirtualDisk(new DiskName("vda"), "/vms/vm" + i + ".qcow2", "qcow2",
                            ByteCount.ofGibibytes(1), Optional.empty())), List.of()));
        }
        story.stockholm().has(machines, new VirtualNetwork("prod", true, List.of()));
        Map<ItemId, JobView> jobs = new HashMap<>();
        for (VirtualMachine machine : machines) {
            JobView job = story.people().protect(ProtectRequest.of(machine.name()));
            ItemId item = ItemId.parse(job.object().orElseThrow().id());
            items.add(item);
            jobs.put(item, job);
        }
        Awaiting.until(() -> story.stockholm().asked().stream()
                .filter(AgentCommand.StartReplication.class::isInstance).count(), started -> started >= ITEMS);
        items.forEach(item -> story.stockholm().replicates(item, 100, POINTS));
        jobs.values().forEach(job -> story.ended(job.id()));
    }

    @AfterEach
    void end() {
        story.close();
    }

    /** What the target tells of all its items at once. */
    private AgentReport[] target(long newest) {
        return items.stream().map(item -> (AgentReport) new AgentReport.TargetProgress(
                RelationshipId.first(item),
                new LogPosition(1, newest), new LogPosition(1, newest), ByteCount.ZERO,
                new PointsHeld(POINTS, Optional.of(story.amsterdam().point(newest)),
                        Optional.of(story.amsterdam().point(newest - POINTS + 1)), Optional.empty()),
                Optional.empty())).toArray(AgentReport[]::new);
    }

    private Duration tell(long newest) {
        long begin = System.nanoTime();
        story.amsterdam().report(target(newest));
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Test
    void takesTheReportsOfFiveMillionPointsAndTheEndOfAFailoverAmongThem() {
        story.amsterdam().holds(items.getFirst(), POINTS);
        tell(POINTS + 2);
        items.forEach(item -> story.state(item, "Protected"));
        Duration longest = Duration.ZERO;
        for (int second = 2; second <= 60; second += 2) {
            story.clock().move(Duration.ofSeconds(2));
            Duration took = tell(POINTS + 2L + second);
            longest = took.compareTo(longest) > 0 ? took : longest;
        }
        int bytes = CommandCodec.size(new AgentEndpoint.Reports(List.of(target(2L * POINTS))));
        assertThat(bytes).isLessThan(AgentEndpoint.REPORTS_BYTES_USUAL / 10);

        ItemView item = story.people().item(items.getFirst().toString());
        assertThat(item.recoveryPoints()).isEqualTo(POINTS);
        List<RecoveryPointView> page = story.people().recoveryPoints(item.name(), 5000);
        assertThat(page).hasSize(5000);

        story.stockholm().fallSilent();
        JobView failover = story.people().failOver(items.getFirst().toString(), new FailoverRequest(
                Optional.of("1-77"), Optional.of(false), Optional.of(true), Optional.of("the site burnt down")));
        for (int i = 0; i < 5; i++) {
            tell(POINTS + 70L + i);
        }
        JobView ended = story.ended(failover.id());
        assertThat(ended.state()).as("%s", ended.error()).isEqualTo(JobView.State.SUCCEEDED);
        System.out.printf("%d items, %,d points: a request of %,d bytes every 2 s, taken within %d ms; a page of %,d "
                + "points read; failover from point 1-77 %s%n", ITEMS, (long) ITEMS * POINTS, bytes,
                longest.toMillis(), page.size(), story.ended(failover.id()).state());
    }
}
