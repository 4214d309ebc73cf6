package org.understudy.agent.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.capture.CaptureRange;
import org.understudy.capture.CaptureRequest;
import org.understudy.capture.DiskCapture;
import org.understudy.capture.TargetContent;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogWriter;
import org.understudy.changelog.Compression;
import org.understudy.changelog.LogDirectory;
import org.understudy.changelog.LogKind;
import org.understudy.disk.CaptureDisk;
import org.understudy.hypervisor.PointInTime;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.hypervisor.libvirt.LabHypervisor;
import org.understudy.hypervisor.libvirt.LibvirtHypervisor;
import org.understudy.model.ByteCount;
import org.understudy.model.Consistency;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/**
 * A real QEMU ends with its guest though a point in time is open and whoever captures it has stopped: nothing that QEMU
 * sent is left unread, for which it would wait. Skipped where {@code UNDERSTUDY_TEST_LIBVIRT_URI} names no libvirtd.
 */
@Tag("slow")
@Timeout(120)
class PowerOffBesideAPointTest {
    private static final DiskName VDA = new DiskName("vda");
    private static final ByteCount SIZE = ByteCount.ofMebibytes(256);
    /** libvirt kills a QEMU that does not end within 15 s of a destroy; nobody kills one that a guest powers off. */
    private static final Duration SECONDS = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private final VmId vm = VmId.random();
    private final String name = "off-" + vm.toString().substring(0, 8);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private String uri;
    private LibvirtHypervisor hypervisor;

    @BeforeEach
    void startMachine() throws IOException {
        uri = Optional.ofNullable(System.getenv("UNDERSTUDY_TEST_LIBVIRT_URI")).orElse("");
        assumeTrue(!uri.isBlank(), "UNDERSTUDY_TEST_LIBVIRT_URI names no libvirtd");
        hypervisor = LabHypervisor.at(uri, folder);
        Path image = folder.resolve("vda.qcow2");
        run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "256M");
        run("qemu-io", "-f", "qcow2", "-c", "write -P 9 0 256M", image.toString());
        Path xml = Files.writeString(folder.resolve("vm.xml"), """
                <domain type='qemu'><name>%s</name><uuid>%s</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu>
                <os><type arch='x86_64' machine='q35'>hvm</type></os><devices><disk type='file' device='disk'>
                <driver name='qemu' type='qcow2'/><source file='%s'/><target dev='vda' bus='virtio'/></disk>
                </devices></domain>
                """.formatted(name, vm, image));
        virsh("define", xml.toString());
        hypervisor.start(vm);
    }

    @AfterEach
    void removeMachine() throws IOException {
        goOn.countDown();
        if (hypervisor != null) {
            hypervisor.destroy(vm);
            virsh("undefine", name, "--checkpoints-metadata");
            hypervisor.close();
        }
    }

    @Test
    void aGuestPowersOffThoughNobodyGoesOnReading() throws Exception {
        Duration took = endBesideAStalledCapture("qemu-monitor-command", name, "{\"execute\":\"quit\"}");
        assertThat(took).isLessThan(SECONDS);
    }

    @Test
    void aVmIsDestroyedThoughNobodyGoesOnReading() throws Exception {
        assertThat(endBesideAStalledCapture("destroy", name)).isLessThan(SECONDS);
    }

    private Duration endBesideAStalledCapture(String... end) throws Exception {
        PointInTimeRequest request = new PointInTimeRequest("understudy-0a1b2c3d-1-1", Optional.empty(),
                "understudy-off.sock", Map.of(VDA, folder.resolve("vda.understudy-scratch")));
        List<Exception> failed = new ArrayList<>();
        try (PointInTime point = hypervisor.beginPointInTime(vm, request);
                PointWatch watch = PointWatch.over(point, () -> { });
                CaptureDisk disk = watch.open(VDA)) {
            Thread capture = Thread.ofPlatform().start(() -> {
                try {
                    capture(disk);
                } catch (IOException | RuntimeException e) {
                    failed.add(e);
                }
            });
            assertThat(stopped.await(30, TimeUnit.SECONDS)).isTrue();
            Instant begun = Instant.now();
            virsh(end);
            while (isOn() && Duration.between(begun, Instant.now()).compareTo(Duration.ofSeconds(30)) < 0) {
                Thread.onSpinWait();
            }
            Duration took = Duration.between(begun, Instant.now());
            goOn.countDown();
            capture.join();
            assertThat(failed).as("what it had not read is gone").isNotEmpty();
            return took;
        }
    }

    private boolean isOn() throws IOException {
        return hypervisor.machine(vm).map(VirtualMachine::power).orElse(PowerState.SHUT_OFF) != PowerState.SHUT_OFF;
    }

    /** As of a disk that takes no more: it stops at the third look for room, with all lanes filled. */
    private void capture(CaptureDisk disk) throws IOException {
        ChangeLogWriter writer = new LogDirectory(folder.resolve("logs"), LogKind.CHANGE).begin(new ChangeLogHeader(
                vm, VDA, new LogPosition(1, 1), 0, SIZE, SIZE, Instant.EPOCH, Consistency.CRASH), Compression.NONE);
        CountDownLatch looks = new CountDownLatch(3);
        try (writer; DiskCapture captures = new DiskCapture(DiskCapture.LANES, Compression.NONE)) {
            captures.capture(new CaptureRequest(disk, new CaptureRange(ByteCount.ZERO, SIZE, false),
                    TargetContent.BLANK), writer, () -> {
                looks.countDown();
                if (looks.getCount() == 0) {
                    stopped.countDown();
                    awaitGoOn();
                }
            });
        }
    }

    private void awaitGoOn() {
        try {
            assertThat(goOn.await(90, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void virsh(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("virsh", "-q", "-c", uri));
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            // A QEMU that ends at once answers its monitor or not.
            if (process.waitFor() != 0 && !command[command.length - 1].contains("quit")) {
                throw new IOException(String.join(" ", command) + " failed: " + output);
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }
}
