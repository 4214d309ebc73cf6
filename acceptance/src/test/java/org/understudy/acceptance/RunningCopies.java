package org.understudy.acceptance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.understudy.model.VmId;

/**
 * A witness that counts the QEMU processes of one VM on this machine, and so on every host of its lab, ten times a
 * second: by what the kernel says of processes, and nothing of the product or of libvirt. {@link #close} ends it.
 */
final class RunningCopies implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private final String identity;
    private final CountDownLatch ending = new CountDownLatch(1);
    private volatile int most;
    private volatile long looks;

    private RunningCopies(VmId vm) {
        this.identity = "\0-uuid\0" + vm + "\0";
    }

    static RunningCopies of(VmId vm) {
        RunningCopies copies = new RunningCopies(vm);
        Thread.ofPlatform().name("copies").daemon().start(copies::watch);
        return copies;
    }

    /** How many ran at once at most. */
    int most() {
        return most;
    }

    long looks() {
        return looks;
    }

    private void watch() {
        try {
            while (!ending.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                most = Math.max(most, count());
                looks++;
            }
        } catch (InterruptedException | IOException e) {
            most = Integer.MAX_VALUE;
        }
    }

    private int count() throws IOException {
        int count = 0;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (command(process).contains(identity)) {
                    count++;
                }
            }
        }
        return count;
    }

    private static String command(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException ended) {
            return "";
        }
    }

    @Override
    public void close() {
        ending.countDown();
    }
}
