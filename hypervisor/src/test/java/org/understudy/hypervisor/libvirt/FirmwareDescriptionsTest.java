package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which variables fit the firmware of a host, by what the host describes. */
class FirmwareDescriptionsTest {
    private static final String SPLIT = """
            {"interface-types": ["uefi"], "mapping": {"device": "flash",
              "executable": {"filename": "/c", "format": "%2$s"},
              "nvram-template": {"filename": "%1$s", "format": "%2$s"}},
             "targets": [{"architecture": "%3$s", "machines": ["pc-q35-*"]}], "features": [], "tags": []}""";

    @TempDir
    private Path host;

    @BeforeEach
    void templates() throws IOException {
        for (int kibibytes : new int[] {128, 528}) {
            Files.write(host.resolve(kibibytes + ".fd"), new byte[kibibytes * 1024]);
        }
    }

    @Test
    void areThoseOfPlainFilesForTheArchitecture() throws IOException {
        describe("usr/share", "60-a", SPLIT.formatted("/528.fd", "raw", "x86_64"));
        describe("usr/share", "50-b", SPLIT.formatted("/128.fd", "qcow2", "x86_64"));
        describe("usr/share", "50-c", SPLIT.formatted("/128.fd", "raw", "aarch64"));
        describe("usr/share", "70-d", "{\"interface-types\": [\"bios\"], \"mapping\": {\"device\": \"memory\"}}");

        assertThat(lengths()).containsExactly(528L * 1024);
    }

    @Test
    void theAdministratorsFileGoesBeforeThatOfThePackageAndAnEmptyOneHidesIt() throws IOException {
        describe("usr/share", "60-a", SPLIT.formatted("/528.fd", "raw", "x86_64"));
        describe("usr/share", "50-b", SPLIT.formatted("/128.fd", "raw", "x86_64"));
        describe("etc", "50-b", "");
        assertThat(lengths()).containsExactly(528L * 1024);

        describe("etc", "60-a", SPLIT.formatted("/128.fd", "raw", "x86_64"));
        assertThat(lengths()).containsExactly(128L * 1024);
    }

    /** A failover asks for it, of VMs without any firmware of the kind too. */
    @Test
    void whatIsNotUnderstoodHindersNothing() throws IOException {
        assertThat(lengths()).as("no folder at all").isEmpty();
        describe("usr/share", "60-a", SPLIT.formatted("/528.fd", "raw", "x86_64"));
        for (String nonsense : List.of("{", "[]", "7", "\0", "{\"targets\": 3}",
                SPLIT.formatted("/none.fd", "raw", "x86_64"), SPLIT.formatted("\\u0000", "raw", "x86_64"))) {
            describe("etc", "10-nonsense", nonsense);
            assertThat(lengths()).as(nonsense).containsExactly(528L * 1024);
        }
        Files.write(host.resolve("etc/qemu/firmware/20-bytes.json"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        Files.createDirectory(host.resolve("etc/qemu/firmware/30-folder.json"));
        assertThat(lengths()).containsExactly(528L * 1024);
    }

    private Iterable<Long> lengths() {
        return FirmwareDescriptions.variableBytes(new LibvirtFolders(host), "x86_64");
    }

    private void describe(String below, String name, String content) throws IOException {
        Files.writeString(Files.createDirectories(host.resolve(below + "/qemu/firmware")).resolve(name + ".json"),
                content);
    }
}
