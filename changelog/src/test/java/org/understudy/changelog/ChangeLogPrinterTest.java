package org.understudy.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The text of a log. */
class ChangeLogPrinterTest {
    @Test
    void showsHeaderFramesAndSums() throws Exception {
        List<String> lines = new ArrayList<>();
        ChangeLogPrinter.print(Path.of(getClass().getResource("version-1.hrl").toURI()), lines::add);
        assertThat(lines).containsExactly(
                "vm        6f0d9c1e-3a52-4c7e-9a41-0d3f5b8e7a11",
                "disk      vda, 4294967296 bytes (4.0 GiB)",
                "position  3-17, follows 3-16",
                "promises  CRASH",
                "covered   4294967296 bytes (4.0 GiB)",
                "captured  2026-11-21T08:15:30.123456789Z",
                "data              0 +       4096",
                "data          65536 +      65536",
                "zero     1073741824 +    1048576",
                "data     4294967295 +          1",
                "whole     4 frames, 68.0 KiB data, 1.0 MiB zeroes");
    }
}
