package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.disk.EmulatorAccount;

/** Whether KVM works is tried, and only what QEMU says of KVM itself counts against it. */
class KvmTrialTest {
    @TempDir
    private Path folder;

    private Optional<String> refusal(String script) throws IOException {
        Path emulator = Files.writeString(folder.resolve("qemu-system-x86_64"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(emulator, PosixFilePermissions.fromString("rwxr-xr-x"));
        return KvmTrial.refusal(emulator.toString(), EmulatorAccount.own());
    }

    @Test
    void aMachineThatRanIsKvmThatWorks() throws IOException {
        assertThat(refusal("test \"$1 $2\" = '-accel kvm' && exit 33")).isEmpty();
    }

    @Test
    void kvmThatIsThereAndDoesNotWorkIsToldInQemusWords() throws IOException {
        assertThat(refusal("echo 'qemu-system-x86_64: failed to initialize kvm: No such device'; exit 1"))
                .contains("failed to initialize kvm: No such device");
        assertThat(refusal("echo 'Could not access KVM kernel module: Permission denied'; exit 1"))
                .contains("Could not access KVM kernel module: Permission denied");
    }

    @Tag("slow")
    @Test
    void aMachineThatStandsStillIsEndedWithinSeconds() throws IOException {
        assertThat(refusal("echo 'KVM internal error. Suberror: 1'; exec sleep 600"))
                .contains("KVM internal error. Suberror: 1");
    }

    @Test
    void whatTellsNothingOfKvmCountsNothing() throws IOException {
        assertThat(refusal("echo 'no such option'; exit 1")).isEmpty();
        assertThat(KvmTrial.refusal(folder.resolve("none-x86_64").toString(), EmulatorAccount.own())).isEmpty();
        assertThat(KvmTrial.refusal("/usr/bin/qemu-system-aarch64", EmulatorAccount.own())).isEmpty();
    }
}
