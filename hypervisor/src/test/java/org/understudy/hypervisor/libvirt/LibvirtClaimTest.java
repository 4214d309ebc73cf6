package org.understudy.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;

/** One libvirt has one agent at a time. */
class LibvirtClaimTest {
    @TempDir
    private Path folder;

    @Test
    void refusesASecondAgentOfOneLibvirtAndNamesTheFirst() throws Exception {
        try (AutoCloseable first = claim("qemu:///system").take("the agent in /var/lib/understudy")) {
            assertThat(first).isNotNull();
            assertThatThrownBy(() -> claim("qemu+unix:///system?socket=/run/libvirt/libvirt-sock").take("another"))
                    .isInstanceOfSatisfying(FailureException.class, e -> {
                        assertThat(e.failure().code()).isEqualTo(FailureCode.IN_USE);
                        assertThat(e.failure().message()).contains("the agent in /var/lib/understudy, process "
                                + ProcessHandle.current().pid());
                    });
        }
        claim("qemu:///system").take("another").close();
    }

    @Test
    void knowsOneLibvirtByWhateverWayItsSocketIsNamed() throws Exception {
        Path sockets = Files.createDirectory(folder.resolve("sockets"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), sockets);
        String mode = "qemu+unix:///system?mode=direct&socket=";
        try (AutoCloseable first = claim(mode + sockets.resolve("libvirt-sock")).take("one")) {
            assertThat(first).isNotNull();
            assertThatThrownBy(() -> claim(mode + link.resolve("libvirt-sock")).take("two"))
                    .isInstanceOf(FailureException.class);
        }
    }

    /** As the folders of hosts that each call theirs by the same name look from outside. */
    @Test
    void takesEachOfTwoLibvirtsThatCallTheirSocketsTheSame() throws Exception {
        Path a = Files.createDirectories(folder.resolve("a/run/libvirt"));
        Path b = Files.createDirectories(folder.resolve("b/run/libvirt"));
        try (AutoCloseable one = claim("qemu+unix:///system?socket=" + a.resolve("libvirt-sock")).take("a");
                AutoCloseable two = claim("qemu+unix:///system?socket=" + b.resolve("libvirt-sock")).take("b")) {
            assertThat(one).isNotSameAs(two);
        }
    }

    @Test
    void takesEachOfTwoLibvirts() throws Exception {
        try (AutoCloseable a = claim("qemu+unix:///system?socket=/lab/a/libvirt-sock").take("a");
                AutoCloseable b = claim("qemu+unix:///system?socket=/lab/b/libvirt-sock").take("b")) {
            assertThat(a).isNotSameAs(b);
        }
    }

    private LibvirtClaim claim(String uri) {
        return new LibvirtClaim(folder.resolve("run"), uri);
    }
}
