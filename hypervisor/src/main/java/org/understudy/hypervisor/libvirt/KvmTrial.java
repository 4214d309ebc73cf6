package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.understudy.disk.EmulatorAccount;
import org.understudy.disk.PrivateFile;

/**
 * A try of KVM on this host: a machine without disks or screen whose firmware is one instruction that ends it, run by
 * the host's QEMU as QEMU's user. That {@code /dev/kvm} is there and libvirt offers it does not say that it works: in
 * a virtual machine, or for a user who may not open it, it does not. Bounded to seconds; leaves nothing behind.
 */
final class KvmTrial {
    static final Duration PATIENCE = Duration.ofSeconds(5);
    /** What the debug device makes of the byte 16 that the firmware writes: the guest ran. */
    private static final int RAN = 33;
    private static final int FIRMWARE_BYTES = 64 * 1024;
    /** {@code mov al, 16; out 0xf4, al; hlt}, where a processor of a PC begins. */
    private static final byte[] FIRST_INSTRUCTIONS = {(byte) 0xb0, 0x10, (byte) 0xe6, (byte) 0xf4, (byte) 0xf4};
    private static final int RESET_VECTOR = 0xfff0;

    private KvmTrial() {}

    /**
     * Why no VM can use KVM here, in QEMU's words; empty when one can, and also when the try told nothing of KVM, for
     * instance of an emulator that is not a PC's: a guess would make a VM slow.
     *
     * @param emulator QEMU's program, as libvirt names it
     */
    static Optional<String> refusal(String emulator, EmulatorAccount account) {
        if (!emulator.endsWith("x86_64")) {
            return Optional.empty();
        }
        List<Path> files = new ArrayList<>();
        try {
            Path firmware = firmware(files);
            Path said = PrivateFile.temporary("understudy-kvm", ".said");
            files.add(said);
            Process process = new ProcessBuilder(command(emulator, account, firmware))
                    .redirectErrorStream(true).redirectOutput(said.toFile()).start();
            boolean ended = endsInTime(process);
            return ended && process.exitValue() == RAN ? Optional.empty() : trouble(Files.readString(said));
        } catch (IOException notTried) {
            return Optional.empty();
        } finally {
            files.forEach(file -> file.toFile().delete());
        }
    }

    /** Only what QEMU says of KVM counts. */
    private static Optional<String> trouble(String said) {
        return said.lines().filter(line -> line.toLowerCase(Locale.ROOT).contains("kvm"))
                .findFirst().map(line -> line.strip().replaceFirst("^\\S*qemu-system-\\S+: ", ""));
    }

    private static boolean endsInTime(Process process) {
        try {
            return process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> command(String emulator, EmulatorAccount account, Path firmware) throws IOException {
        List<String> command = new ArrayList<>();
        if (!account.equals(EmulatorAccount.own())) {
            command.addAll(List.of("setpriv", "--reuid=" + account.uid(), "--regid=" + account.gid(),
                    "--init-groups", "--"));
        }
        command.addAll(List.of(emulator, "-accel", "kvm", "-nodefaults", "-no-user-config", "-display", "none",
                "-m", "16", "-bios", firmware.toString(), "-device", "isa-debug-exit,iobase=0xf4,iosize=4"));
        return command;
    }

    /** Readable for QEMU's user, whatever the umask: there is no secret in it. */
    private static Path firmware(List<Path> files) throws IOException {
        Path file = PrivateFile.temporary("understudy-kvm", ".firmware");
        files.add(file);
        byte[] firmware = new byte[FIRMWARE_BYTES];
        Arrays.fill(firmware, (byte) 0xf4);
        System.arraycopy(FIRST_INSTRUCTIONS, 0, firmware, RESET_VECTOR, FIRST_INSTRUCTIONS.length);
        try (FileChannel channel = PrivateFile.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(firmware);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
}
