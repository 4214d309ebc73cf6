package org.understudy.replica;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.understudy.changelog.ChangeLogException;
import org.understudy.changelog.ChangeLogReader;
import org.understudy.changelog.Frame;
import org.understudy.disk.BlockDevice;
import org.understudy.model.DiskName;
import org.understudy.model.Extent;

/**
 * The net effect of several undo steps on one disk: each byte once, as the oldest of their logs has it.
 * That is what the newest-to-oldest order of writing them would leave. Memory grows with the number of ranges that
 * do not touch, not with their bytes.
 */
final class UndoReplay {
    private UndoReplay() {}

    /** Writes every byte that the steps touch to {@code device}. */
    static void replay(DiskName disk, List<UndoStep> newestFirst, BlockDevice device) throws IOException, UndoDamage {
        ExtentSet written = new ExtentSet();
        for (UndoStep step : newestFirst.reversed()) {
            try (ChangeLogReader reader = ChangeLogReader.open(step.log(disk))) {
                Optional<Frame> frame = reader.next();
                while (frame.isPresent()) {
                    write(frame.get(), written, device);
                    frame = reader.next();
                }
            } catch (ChangeLogException e) {
                throw new UndoDamage(step, e);
            }
        }
    }

    private static void write(Frame frame, ExtentSet written, BlockDevice device) throws IOException {
        Extent whole = frame.extent();
        for (Extent part : written.lackingOf(whole)) {
            switch (frame) {
                case Frame.Zero zero -> device.zero(part);
                case Frame.Data data -> device.write(part.offset(), data.bytes().slice(
                        Math.toIntExact(part.offset() - whole.offset()), Math.toIntExact(part.length())));
            }
        }
        written.add(whole);
    }
}
