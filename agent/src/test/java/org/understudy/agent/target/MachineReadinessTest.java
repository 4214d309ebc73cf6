package org.understudy.agent.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.TargetCapabilities;

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
