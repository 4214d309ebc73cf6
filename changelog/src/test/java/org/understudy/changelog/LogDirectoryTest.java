package org.understudy.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/** What a folder of logs promises. */
class LogDirectoryTest {
    @TempDir
    private Path folder;

    private LogDirectory logs(LogKind kind) {
        return new LogDirectory(folder, kind);
    }

    private static void write(LogDirectory logs, long sequence) throws IOException {
        ChangeLogWriter writer = logs.begin(LogSample.header(sequence, 1 << 20), Compression.NONE);
        writer.data(0, ByteBuffer.wrap(new byte[] {1}));
        logs.close(writer);
    }

    @Test
    void listsClosedLogsInTheOrderOfTheirSequence() throws IOException {
        LogDirectory logs = logs(LogKind.CHANGE);
        write(logs, 10);
        write(logs, 9);
        write(logs, 2);
        logs.begin(LogSample.header(11, 1 << 20), Compression.NONE).close();
        assertThat(logs.list(LogSample.VDA, 3)).extracting(LogPosition::sequence).containsExactly(2L, 9L, 10L);
        assertThat(logs.list(LogSample.VDA, 4)).isEmpty();
        assertThat(logs.list(new DiskName("vdb"), 3)).isEmpty();
        assertThat(logs.size(LogSample.VDA, 3).bytes()).isEqualTo(3 * (104 + 25 + 48));
    }

    @Test
    void givesTheClosedNameOnlyToAFinishedLog() throws IOException {
        LogDirectory logs = logs(LogKind.CHANGE);
        LogPosition position = new LogPosition(3, 7);
        ChangeLogWriter writer = logs.begin(LogSample.header(7, 1 << 20), Compression.ZSTD);
        assertThat(folder.resolve("vda.3-7.hrl.open")).exists();
        assertThat(logs.file(LogSample.VDA, position)).doesNotExist();
        logs.close(writer);
        assertThat(folder.resolve("vda.3-7.hrl.open")).doesNotExist();
        assertThat(LogSample.read(logs.file(LogSample.VDA, position))).isEmpty();
    }

    @Test
    void closesALogThatWasReceived() throws IOException {
        LogDirectory logs = logs(LogKind.CHANGE);
        LogPosition position = new LogPosition(3, 7);
        LogSample.write(logs.openFile(LogSample.VDA, position), LogSample.header(7, 1 << 20), Compression.NONE,
                java.util.List.of());
        assertThat(logs.closeReceived(LogSample.VDA, position)).isEqualTo(folder.resolve("vda.3-7.hrl")).exists();
    }

    @Test
    void touchesNoFileThatIsNotItsOwn() throws IOException {
        LogDirectory logs = logs(LogKind.UNDO);
        for (String name : new String[] {"vda.qcow2", "vda.3-1.hrl", "vda.3-1.hrl.open", "VDA.3-1.hru", "vda.0-1.hru",
                "vda.3-01.hru", "vda.3-1.hru.bak"}) {
            Files.createFile(folder.resolve(name));
        }
        write(logs, 2);
        logs.begin(LogSample.header(3, 1 << 20), Compression.NONE).close();
        assertThat(logs.list(LogSample.VDA, 3)).containsExactly(new LogPosition(3, 2));
        logs.discardOpen(LogSample.VDA);
        assertThat(logs.delete(LogSample.VDA, new LogPosition(3, 2))).isTrue();
        assertThat(logs.delete(LogSample.VDA, new LogPosition(3, 2))).isFalse();
        try (var files = Files.list(folder)) {
            assertThat(files.count()).isEqualTo(7);
        }
    }

    @Test
    void aFolderThatIsNotThereHasNoLogsAndIsMadeByTheFirst() throws IOException {
        LogDirectory logs = new LogDirectory(folder.resolve("new"), LogKind.CHANGE);
        assertThat(logs.list(LogSample.VDA, 1)).isEmpty();
        logs.discardOpen(LogSample.VDA);
        write(logs, 1);
        assertThat(logs.list(LogSample.VDA, 3)).hasSize(1);
    }
}
