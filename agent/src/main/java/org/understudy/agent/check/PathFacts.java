package org.understudy.agent.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.disk.EmulatorAccount;
import org.understudy.disk.HostProgram;
import org.understudy.model.FailureTeller;
import org.understudy.model.HostFact;

/** Whether a folder that will be used can be: by QEMU's user, and with room left in its file system. */
final class PathFacts {
    /** What stays free for the guests before replication pauses; below ten times that a person should look. */
    private static final long BYTES_MIN = 10L * 256 * 1024 * 1024;
    private static final long INODES_MIN = 10_000;
    /** Twice what stays free: with less, a replica could not even begin. */
    private static final long BYTES_TO_BEGIN = 2L * 256 * 1024 * 1024;

    private PathFacts() {}

    /**
     * The facts of a folder.
     *
     * @param use what is kept there, the subject of the facts
     * @param needed whether nothing replicates without QEMU's way into it
     */
    static List<HostFact> of(String use, Path folder, EmulatorAccount emulator, boolean needed) {
        Path there = nearest(folder.toAbsolutePath());
        List<HostFact> facts = new ArrayList<>();
        facts.add(way(use, folder, there, emulator, needed));
        facts.add(room(use, there, needed));
        return facts;
    }

    /** A folder that is not there yet is made by the agent; its parents are as they are. */
    private static Path nearest(Path folder) {
        Path there = folder;
        while (!Files.isDirectory(there) && there.getParent() != null) {
            there = there.getParent();
        }
        return there;
    }

    /** Tried as that user, so that whatever stands in the way counts. */
    private static HostFact way(
            String use, Path folder, Path there, EmulatorAccount emulator, boolean needed) {
        String subject = use + ": QEMU's way";
        Path above = there.equals(folder.toAbsolutePath()) ? there : folder.toAbsolutePath();
        Optional<HostProgram.Answer> answer = HostProgram.ask(HostCheck.PROGRAM_PATIENCE, "setpriv",
                "--reuid=" + emulator.uid(), "--regid=" + emulator.gid(), "--clear-groups",
                "--", "test", "-x", there.toString());
        if (answer.isEmpty() || answer.get().code() > 1 || answer.get().words().startsWith("setpriv:")) {
            return HostFact.unknown(subject, "Nobody could try to enter " + above + " as QEMU's user.",
                    "Run this as root, with the program setpriv (util-linux).");
        }
        return answer.get().code() == 0
                ? HostFact.yes(subject, "QEMU's user (" + emulator.uid() + ") can pass into " + above + ".")
                : new HostFact(subject, HostFact.Verdict.NO, needed,
                        "QEMU's user (" + emulator.uid() + ") cannot pass into " + there + ".",
                        "Let it pass: chmod o+x on that folder and each above it, or setfacl -m u:" + emulator.uid()
                                + ":x.");
    }

    private static HostFact room(String use, Path there, boolean needed) {
        String subject = use + ": room";
        Optional<Long> inodes = HostProgram.ask(HostCheck.PROGRAM_PATIENCE, "stat", "--file-system", "--format=%d/%c",
                        there.toString())
                .filter(HostProgram.Answer::succeeded).flatMap(it -> freeInodes(it.output()));
        try {
            return room(subject, there, new Room(Files.getFileStore(there).getUsableSpace(), inodes), needed);
        } catch (IOException e) {
            return HostFact.unknown(subject, "The room in " + there + " cannot be told: " + FailureTeller.reason(e)
                    + ".", "Look at that file system.");
        }
    }

    /** What is free in a file system; no number of inodes where it makes them as it goes. */
    record Room(long bytes, Optional<Long> inodes) {
        private boolean isBelow(long bytesMin, long inodesMin) {
            return bytes < bytesMin || inodes.map(number -> number < inodesMin).orElse(false);
        }
    }

    static HostFact room(String subject, Path there, Room room, boolean needed) {
        String fact = "%.1f GiB%s are free in the file system of %s.".formatted(room.bytes() / (double) (1L << 30),
                room.inodes().map(number -> " and " + number + " inodes").orElse(""), there);
        return !room.isBelow(BYTES_MIN, INODES_MIN) ? HostFact.yes(subject, fact)
                : new HostFact(subject, HostFact.Verdict.NO, needed && room.isBelow(BYTES_TO_BEGIN, 1), fact,
                        "Free space or inodes there, or give another folder; replication pauses at 256 MiB.");
    }

    /** Of "free/all"; a file system that makes inodes as it goes has none to count. */
    static Optional<Long> freeInodes(String text) {
        String[] parts = text.strip().split("/");
        return parts.length == 2 && !parts[1].equals("0") ? Optional.of(Long.parseLong(parts[0])) : Optional.empty();
    }
}
