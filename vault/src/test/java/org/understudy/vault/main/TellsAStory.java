package org.understudy.vault.main;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test of a vault with its two hosts and a person, made anew for each. */
abstract class TellsAStory {
    Story story;

    @BeforeEach
    void tell(@TempDir Path data) throws IOException {
        story = Story.told(data);
    }

    @AfterEach
    void end() {
        story.close();
    }
}
