package org.understudy.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** QEMU's own tools, as an administrator uses them. */
final class QemuTools {
    private QemuTools() {}

    static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.onExit().join().exitValue()).as(output).isZero();
        return output;
    }

    /** What a VM would read from an image. */
    static byte[] content(Path image, Path folder) throws IOException {
        Path raw = folder.resolve("read.raw");
        run("qemu-img", "convert", "-U", "-f", "qcow2", "-O", "raw", image.toString(), raw.toString());
        return Files.readAllBytes(raw);
    }

    /** Whether a VM could open it to write. */
    static boolean isFree(Path image) throws IOException {
        return new ProcessBuilder("qemu-io", "-f", "qcow2", "-c", "read 0 512", image.toString())
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                .onExit().join().exitValue() == 0;
    }
}
