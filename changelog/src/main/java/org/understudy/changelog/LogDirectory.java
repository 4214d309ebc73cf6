package org.understudy.changelog;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.LogPosition;

/**
 * The owner of the logs of one kind in one folder: {@code vda.3-17.hrl} is closed, {@code vda.3-17.hrl.open} is written
 * or received.
 *
 * <p>Files of other names are never touched, so the folder may hold disks as well; but it must serve one VM alone, for
 * names hold the disk and not the VM. Durability: a file has its closed name only when its bytes are durable, and every
 * method that changes a name returns when the name is. Threads: any, for different positions.
 */
public final class LogDirectory {
    private static final String OPEN = ".open";

    private final Path folder;
    private final LogKind kind;
    private final Pattern closedName;

    public LogDirectory(Path folder, LogKind kind) {
        this.folder = folder;
        this.kind = kind;
        this.closedName = Pattern.compile("([a-z][a-z0-9]{0,15})\\.([1-9]\\d{0,17})-(0|[1-9]\\d{0,17})\\."
                + kind.extension());
    }

    public Path folder() {
        return folder;
    }

    /** Where the closed log to a position is, or would be. */
    public Path file(DiskName disk, LogPosition position) {
        return folder.resolve("%s.%s.%s".formatted(disk, position, kind.extension()));
    }

    /** Where the open log to a position is, or would be. */
    public Path openFile(DiskName disk, LogPosition position) {
        Path closed = file(disk, position);
        return closed.resolveSibling(closed.getFileName() + OPEN);
    }

    /** The positions of the closed logs of a disk in one generation, ascending. */
    public List<LogPosition> list(DiskName disk, long generation) throws IOException {
        return names(closedName).stream()
                .filter(name -> name.disk().equals(disk) && name.position().generation() == generation)
                .map(Name::position)
                .sorted((one, other) -> Long.compare(one.sequence(), other.sequence()))
                .toList();
    }

    /**
     * Starts a log; makes the folder, not those above it, if there is none. An open log left by a crash is discarded by
     * its owner first.
     */
    public ChangeLogWriter begin(ChangeLogHeader header, Compression compression) throws IOException {
        Folders.makeIfAbsent(folder, FolderAccess.PRIVATE);
        return ChangeLogWriter.create(openFile(header.disk(), header.position()), header, compression);
    }

    /** Finishes a log that {@link #begin} started, and closes its writer. It is durable on return, name and all. */
    public ChangeLogSummary close(ChangeLogWriter writer) throws IOException {
        ChangeLogSummary summary;
        try (writer) {
            summary = writer.finish();
        }
        DurableFile.rename(writer.file(), file(writer.header().disk(), writer.header().position()));
        return summary;
    }

    /** Gives its closed name to an open log that arrived whole, after a verifier said so. It is durable on return. */
    public Path closeReceived(DiskName disk, LogPosition position) throws IOException {
        Path open = openFile(disk, position);
        try (FileChannel channel = FileChannel.open(open, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        DurableFile.rename(open, file(disk, position));
        return file(disk, position);
    }

    /** Deletes a closed log; answers whether there was one. */
    public boolean delete(DiskName disk, LogPosition position) throws IOException {
        return DurableFile.delete(file(disk, position));
    }

    /** Deletes all open logs of a disk, of any generation: what a crash left, when nobody is to go on with it. */
    public void discardOpen(DiskName disk) throws IOException {
        for (Name name : names(Pattern.compile(closedName.pattern() + Pattern.quote(OPEN)))) {
            if (name.disk().equals(disk)) {
                DurableFile.delete(openFile(disk, name.position()));
            }
        }
    }

    /** The length of one closed log's file. */
    public ByteCount size(DiskName disk, LogPosition position) throws IOException {
        return new ByteCount(Files.size(file(disk, position)));
    }

    /** The space of all closed logs of a disk in one generation. */
    public ByteCount size(DiskName disk, long generation) throws IOException {
        ByteCount sum = ByteCount.ZERO;
        for (LogPosition position : list(disk, generation)) {
            sum = sum.plus(size(disk, position));
        }
        return sum;
    }

    private List<Name> names(Pattern pattern) throws IOException {
        List<Name> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Matcher matcher = pattern.matcher(file.getFileName().toString());
                if (matcher.matches()) {
                    names.add(new Name(new DiskName(matcher.group(1)),
                            new LogPosition(Long.parseLong(matcher.group(2)), Long.parseLong(matcher.group(3)))));
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return names;
    }

    private record Name(DiskName disk, LogPosition position) {
    }
}
