package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.understudy.disk.EmulatorAccount;

/** The images that we write, held against QEMU's own tools. */
@Tag("slow")
class ScratchImageTest {
    private static final long MEBIBYTE = 1L << 20;
    private static final long GIBIBYTE = 1L << 30;
    private static final long TEBIBYTE = 1L << 40;

    @TempDir
    private Path folder;

    /** Odd ones, those at both sides of one more entry or cluster of the first-level table, of sectors of 4 KiB. */
    @ParameterizedTest
    @ValueSource(longs = {512, 4096, MEBIBYTE, MEBIBYTE + 512, 64 * MEBIBYTE - 512, 512 * MEBIBYTE - 512,
        512 * MEBIBYTE, 512 * MEBIBYTE + 512, 10 * GIBIBYTE + 4096, 4 * TEBIBYTE, 4 * TEBIBYTE + 512,
        7 * TEBIBYTE - 4096, 16 * TEBIBYTE - 512, 16 * TEBIBYTE})
    void isAnEmptyImageOfThatSizeToQemu(long size) throws IOException {
        Path image = folder.resolve("image");
        ScratchImage.create(image, size, EmulatorAccount.own());

        assertThat(check(image)).contains("No errors were found");
        assertThat(LibvirtHost.run("qemu-img", "info", "--output=json", image.toString()))
                .contains("\"virtual-size\": " + size + ",").contains("\"compat\": \"1.1\"")
                .doesNotContain("backing").contains("\"corrupt\": false");
        assertThat(LibvirtHost.run("qemu-img", "map", "--output=json", image.toString()).lines())
                .as("nothing in it").noneMatch(extent -> extent.contains("\"data\": true"));
        assertThat(allocated(image)).as("bytes on the disk").isLessThanOrEqualTo(MEBIBYTE);
    }

    @ParameterizedTest
    @ValueSource(longs = {512, MEBIBYTE + 512, 4 * TEBIBYTE + 512, 16 * TEBIBYTE})
    void takesWhatQemuWritesFromItsFirstByteToItsLast(long size) throws IOException {
        Path image = folder.resolve("image");
        ScratchImage.create(image, size, EmulatorAccount.own());
        LibvirtHost.run("qemu-io", "-f", "qcow2", "-c", "write -P 7 0 512", "-c", "write -P 9 " + (size - 512) + " 512",
                "-c", "read -P 9 " + (size - 512) + " 512", image.toString());

        assertThat(check(image)).contains("No errors were found");
    }

    @Test
    void isReadableByItsOwnerAloneAndReplacesNothing() throws IOException {
        Path image = folder.resolve("image");
        ScratchImage.create(image, MEBIBYTE, EmulatorAccount.own());

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image))).isEqualTo("rw-------");
        assertThatThrownBy(() -> ScratchImage.create(image, GIBIBYTE, EmulatorAccount.own()))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(Qcow2Header.read(image).orElseThrow().virtualBytes()).isEqualTo(MEBIBYTE);
    }

    @Test
    void refusesASizeThatNoDiskHas() {
        for (long size : new long[] {0, -512, 511, MEBIBYTE + 1, ScratchImage.VIRTUAL_BYTES_MAX + 512}) {
            assertThatThrownBy(() -> ScratchImage.create(folder.resolve("image"), size, EmulatorAccount.own()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void opensAtTheLargestSizeThatItPromises() throws IOException {
        Path image = folder.resolve("image");
        ScratchImage.create(image, ScratchImage.VIRTUAL_BYTES_MAX, EmulatorAccount.own());

        assertThat(check(image)).contains("No errors were found");
    }

    private static String check(Path image) throws IOException {
        return LibvirtHost.run("qemu-img", "check", "-f", "qcow2", image.toString());
    }

    private static long allocated(Path image) throws IOException {
        return Long.parseLong(LibvirtHost.run("stat", "-c", "%b", image.toString()).strip()) * 512;
    }
}
