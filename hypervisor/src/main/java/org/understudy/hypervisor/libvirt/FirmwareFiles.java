package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.hypervisor.FirmwareReading;
import org.understudy.model.FailureTeller;

/**
 * Reads the small files in which a host keeps what firmware and TPM of a VM remember, while both may write to them: as
 * often as it takes for two reads to agree, three times at most. Plain files alone; no link is followed at the end of a
 * name, and no more is read than can be carried.
 */
final class FirmwareFiles {
    private static final int ATTEMPTS = 3;
    /** Times of files are told in steps of some milliseconds: a write within one step would not show. */
    private static final Duration SETTLED = Duration.ofSeconds(2);
    private static final byte[] QCOW2 = {'Q', 'F', 'I', (byte) 0xfb};

    private final Clock clock;

    FirmwareFiles(Clock clock) {
        this.clock = clock;
    }

    /** @param files of one VM, as this process opens them */
    FirmwareReading read(Map<Kind, Path> files, Optional<FirmwareReading.Held> last) {
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Imprint before = imprint(files);
                if (last.isPresent() && last.get().imprint().equals(Optional.of(before.text()))) {
                    return last.get();
                }
                FirmwareBundle first = bundle(files);
                boolean agree = first.equals(bundle(files)) && imprint(files).equals(before);
                if (agree) {
                    return new FirmwareReading.Held(first, before.ifSettled(clock.instant()));
                }
            }
            return new FirmwareReading.NotNow("its firmware variables or TPM state were written to while they were"
                    + " read");
        } catch (IOException e) {
            return new FirmwareReading.NotNow("its firmware variables or TPM state could not be read: "
                    + FailureTeller.reason(e));
        }
    }

    private static FirmwareBundle bundle(Map<Kind, Path> files) throws IOException {
        Map<Kind, byte[]> parts = new EnumMap<>(Kind.class);
        for (Map.Entry<Kind, Path> file : files.entrySet()) {
            content(file.getKey(), file.getValue()).ifPresent(bytes -> parts.put(file.getKey(), bytes));
        }
        return FirmwareBundle.of(parts);
    }

    /** Empty for what is not there, or is nothing that can be carried. */
    private static Optional<byte[]> content(Kind kind, Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(Math.min(Files.size(file), kind.bytesMax()) + 1));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // Until its end, or more than was said.
            }
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
        byte[] content = Arrays.copyOf(bytes.array(), bytes.position());
        boolean carried = content.length > 0 && content.length <= kind.bytesMax() && !isImage(content);
        return carried ? Optional.of(content) : Optional.empty();
    }

    private static boolean isImage(byte[] content) {
        return content.length >= QCOW2.length && Arrays.equals(content, 0, QCOW2.length, QCOW2, 0, QCOW2.length);
    }

    /**
     * What tells whether anybody wrote to the files.
     *
     * @param newest of their times
     */
    private record Imprint(String text, Instant newest) {
        Optional<String> ifSettled(Instant now) {
            return newest.plus(SETTLED).isBefore(now) ? Optional.of(text) : Optional.empty();
        }
    }

    private static Imprint imprint(Map<Kind, Path> files) throws IOException {
        StringBuilder text = new StringBuilder();
        Instant newest = Instant.EPOCH;
        for (Path file : files.values()) {
            text.append(file).append(' ');
            try {
                Map<String, Object> now = Files.readAttributes(
                        file, "unix:fileKey,size,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS);
                text.append(now.get("fileKey")).append(' ').append(now.get("size"));
                for (String time : new String[] {"lastModifiedTime", "ctime"}) {
                    Instant at = ((FileTime) now.get(time)).toInstant();
                    text.append(' ').append(at);
                    newest = at.isAfter(newest) ? at : newest;
                }
            } catch (NoSuchFileException absent) {
                text.append("none");
            }
            text.append('\n');
        }
        return new Imprint(text.toString(), newest);
    }
}
