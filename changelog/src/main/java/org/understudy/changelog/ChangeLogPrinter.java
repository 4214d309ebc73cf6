package org.understudy.changelog;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.understudy.model.ByteCount;

/**
 * A closed log as text for people: its header, a line for each frame, its sums.
 *
 * <p>Damage ends the text: what could be read comes first, then the {@link ChangeLogException}.
 */
public final class ChangeLogPrinter {
    private ChangeLogPrinter() {
    }

    /** Hands out the lines as they are read, so that a log of any size can be shown. */
    public static void print(Path file, Consumer<String> line) throws IOException {
        try (ChangeLogReader reader = ChangeLogReader.open(file)) {
            printHeader(reader.header(), line);
            long frames = 0;
            ByteCount data = ByteCount.ZERO;
            ByteCount zeroes = ByteCount.ZERO;
            for (Optional<Frame> next = reader.next(); next.isPresent(); next = reader.next()) {
                Frame frame = next.get();
                ByteCount length = new ByteCount(frame.extent().length());
                switch (frame) {
                    case Frame.Data ignored -> {
                        data = data.plus(length);
                        line.accept(frameLine("data", frame));
                    }
                    case Frame.Zero ignored -> {
                        zeroes = zeroes.plus(length);
                        line.accept(frameLine("zero", frame));
                    }
                }
                frames++;
            }
            line.accept("whole     %d frames, %s data, %s zeroes".formatted(frames, data, zeroes));
        }
    }

    private static String frameLine(String kind, Frame frame) {
        return "%s %14d + %10d".formatted(kind, frame.extent().offset(), frame.extent().length());
    }

    private static void printHeader(ChangeLogHeader header, Consumer<String> line) {
        line.accept("vm        " + header.vm());
        line.accept("disk      %s, %d bytes (%s)".formatted(header.disk(), header.diskSize().bytes(),
                header.diskSize()));
        line.accept("position  %s, follows %d-%d".formatted(header.position(), header.position().generation(),
                header.previousSequence()));
        line.accept("promises  " + header.consistency());
        line.accept("covered   %d bytes (%s)".formatted(header.covered().bytes(), header.covered()));
        line.accept("captured  " + header.capturedAt());
    }
}
