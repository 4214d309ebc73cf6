package org.understudy.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A demo's last words lead on: to packages and to the page that says what to do with them. */
class AnnouncementTest {
    @Test
    void tellsHowToGoOnWithRealHosts() {
        Path home = Path.of("").toAbsolutePath().getParent();

        assertThat(Announcement.realHosts(home)).contains("./dev package", home + "/docs/user/install.md");
        assertThat(Files.exists(home.resolve("docs/user/install.md"))).isTrue();
    }
}
