package org.understudy.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;

/** A refusal for want of space, as the system itself words it here. */
class DiskFullTest {
    @Test
    void knowsTheSystemsOwnWordsForIt() throws IOException {
        try (FileChannel full = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
            full.write(ByteBuffer.wrap(new byte[] {1}));
            throw new AssertionError("/dev/full took a byte");
        } catch (IOException e) {
            assertThat(DiskFull.isSaidBy(e)).as(e.getMessage()).isTrue();
            assertThat(DiskFull.isSaidBy(new IOException("the log was not written", e))).isTrue();
        }
    }

    @Test
    void takesNothingElseForIt() {
        assertThat(DiskFull.isSaidBy(new IOException("Permission denied"))).isFalse();
        assertThat(DiskFull.isSaidBy(new IOException())).isFalse();
    }
}
