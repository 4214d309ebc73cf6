package org.understudy.agent.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.hypervisor.HostLook;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.TargetCapabilities;
import org.understudy.model.ByteCount;
import org.understudy.model.HostId;
import org.understudy.model.ItemId;
import org.understudy.model.LogPosition;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;
import org.understudy.replica.Replica;
import org.understudy.replica.ReplicaCatalog;
import org.understudy.replica.ReplicaDisk;
import org.understudy.replica.ReplicaSettings;
import org.understudy.replica.ReplicaSpec;
import org.understudy.replica.Retention;

/** What a host knows of the VMs whose replicas it holds before anybody asks. */
class MachineReadinessTest {
    private final Semaphore answers = new Semaphore(0);
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-28T00:00:00Z"));

    @Test
    @Timeout(30)
    void waitsForOneLookHoweverLongTheHypervisorDoesNotAnswer(@TempDir Path folder) throws Exception {
        InstantSource source = now::get;
        Clock clock = source.withZone(ZoneOffset.UTC);
        TargetPlanner planner = new TargetPlanner(silent(), new BootFolder(folder.resolve("boot")));
        try (TargetWorld world = new TargetWorld(folder);
                MachineReadiness readiness = new MachineReadiness(planner, clock)) {
            world.cycle(world.definition(""));
            for (int i = 0; i < 50; i++) {
                assertThat(readiness.of(world.replica())).isEmpty();
                now.updateAndGet(before -> before.plusSeconds(31));
            }
            world.cycle(world.definition("<input type='tablet' bus='usb'/>"));
            answers.release(1000);
            Semaphore never = new Semaphore(0);
            while (readiness.of(world.replica()).isEmpty()) {
                assertThat(never.tryAcquire(5, TimeUnit.MILLISECONDS)).isFalse();
            }
            assertThat(looks).hasValueLessThanOrEqualTo(3);
        }
    }

    /** Each look defines the VM at libvirt and removes it again, which is heard of by everything that listens there. */
    @Tag("slow")
    @Test
    @Timeout(60)
    void aHundredUnchangedReplicasCostNothingPerHalfMinute(@TempDir Path folder) throws Exception {
        answers.release(1_000_000);
        Clock clock = ((InstantSource) now::get).withZone(ZoneOffset.UTC);
        TargetPlanner planner = new TargetPlanner(silent(), new BootFolder(folder.resolve("boot")));
        try (ReplicaCatalog catalog = ReplicaCatalog.open(folder.resolve("replicas"), ReplicaSettings.usual(clock));
                MachineReadiness readiness = new MachineReadiness(planner, clock)) {
            List<Replica> replicas = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                replicas.add(replica(catalog, "web" + i));
            }
            readiness.saw(seen(1), List.of());
            seconds(100, replicas, readiness);
            assertThat(looks).as("one a second, until each was looked at").hasValue(100);

            seconds(30 * 60, replicas, readiness);
            assertThat(looks).as("half an hour later").hasValue(100);
            assertThat(readiness.of(replicas.getLast())).isPresent();

            readiness.saw(seen(1, new VirtualMachine(VmId.random(), "web7", PowerState.SHUT_OFF, List.of(),
                    List.of())), List.of());
            seconds(60, replicas, readiness);
            assertThat(looks).as("its name was taken by another VM of the host").hasValue(101);

            readiness.saw(seen(2), List.of());
            seconds(60, replicas, readiness);
            assertThat(looks).as("libvirt was restarted: a minute's bound").hasValue(161);
            seconds(60, replicas, readiness);
            assertThat(looks).hasValue(201);

            readiness.factsChanged();
            seconds(120, replicas, readiness);
            assertThat(looks).hasValue(301);

            seconds(3600, replicas, readiness);
            assertThat(looks).as("once in an hour, for what nobody tells of").hasValue(401);
        }
    }

    private Replica replica(ReplicaCatalog catalog, String name) throws IOException {
        VmId vm = VmId.random();
        Replica replica = catalog.create(new ReplicaSpec(ItemId.random(), 1, vm, name, HostId.random(),
                List.of(new ReplicaDisk(TargetWorld.VDA, ByteCount.ofMebibytes(1))),
                new Retention(0, Duration.ofDays(1))));
        replica.rememberDefinition(LogPosition.startOf(1), "<domain type='qemu'><name>" + name + "</name><uuid>" + vm
                + "</uuid><memory unit='MiB'>64</memory><os><type arch='x86_64' machine='q35'>hvm</type></os><devices>"
                + "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/x'/>"
                + "<target dev='vda' bus='virtio'/></disk></devices></domain>");
        return replica;
    }

    private static HostLook seen(int connection, VirtualMachine... machines) {
        return new HostLook(List.of(machines), List.of(), connection);
    }

    /** A report each second; each look that one began has ended before the next. */
    private void seconds(int many, List<Replica> replicas, MachineReadiness readiness) throws Exception {
        for (int i = 0; i < many; i++) {
            now.updateAndGet(before -> before.plusSeconds(1));
            for (Replica replica : replicas) {
                readiness.of(replica);
            }
            readiness.settle();
        }
    }

    /** Tells what it offers as often as it is allowed to. */
    private Hypervisor silent() {
        return (Hypervisor) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Hypervisor.class},
                (_, method, _) -> switch (method.getName()) {
                    case "capabilities" -> {
                        looks.incrementAndGet();
                        answers.acquire();
                        yield TargetCapabilities.unknown(MachineDefinition.Type.QEMU);
                    }
                    case "refusals" -> List.of();
                    default -> throw new AssertionError(method + " was not expected");
                });
    }
}
