package org.understudy.replica;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.understudy.changelog.ChangeLogException;
import org.understudy.changelog.ChangeLogHeader;
import org.understudy.changelog.ChangeLogVerifier;
import org.understudy.disk.PrivateFile;
import org.understudy.model.ByteCount;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.SegmentReceiver;

/**
 * Takes the bytes of one segment, verifies them frame by frame, and makes the segment durable.
 * Closed early it leaves a torn segment that ends with a whole frame and can be gone on with; after damage it leaves
 * nothing. One thread feeds it; another may close it.
 */
final class JournalReceiver implements SegmentReceiver {
    private static final long RESERVE_CHECK_BYTES = 4 << 20;

    private final Journal journal;
    private final Wanted wanted;
    private final StorageReserve reserve;
    private final FaultPoint faults;
    private final FileChannel channel;
    private final ChangeLogVerifier verifier;
    private final ReentrantLock lock = new ReentrantLock();
    private long written;
    private long uncheckedBytes = RESERVE_CHECK_BYTES;
    private boolean headerChecked;
    private volatile boolean broken;
    private boolean ended;
    private volatile Optional<ChangeLogVerifier> left = Optional.empty();

    /** @param verifier stands at the end of what is there of the segment already; the rest of the file is cut off */
    JournalReceiver(Journal journal, Wanted wanted, Path file, ChangeLogVerifier verifier, StorageReserve reserve,
            FaultPoint faults) throws IOException {
        this.journal = journal;
        this.wanted = wanted;
        this.verifier = verifier;
        this.reserve = reserve;
        this.faults = faults;
        this.channel = PrivateFile.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.READ);
        try {
            // Behind the last whole frame a crash may have left anything.
            this.written = verifier.verifiedBytes();
            channel.truncate(written);
            checkHeader();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** How many bytes from the start of the segment are whole frames on this disk. */
    long verifiedBytes() {
        return verifier.verifiedBytes();
    }

    /** Takes the next bytes, as they come; all that remains in {@code bytes}. */
    @Override
    public void accept(ByteBuffer bytes) throws IOException {
        lock.lock();
        try {
            requireGoingOn();
            checkReserve(bytes.remaining());
            ByteBuffer toVerify = bytes.duplicate();
            while (bytes.hasRemaining()) {
                written += channel.write(bytes, written);
            }
            faults.reached("segment bytes written");
            verifier.accept(toVerify);
            checkHeader();
        } catch (FailureException e) {
            journal.refused(e.failure());
            throw e;
        } catch (ChangeLogException e) {
            broken = true;
            throw refused(e);
        } catch (IOException e) {
            throw reserve.orFull(e);
        } finally {
            lock.unlock();
        }
    }

    /** Makes the whole segment durable under its name; CHANGE_LOG_CORRUPT when it is not whole. */
    @Override
    public void durable() throws IOException {
        ChangeLogHeader header;
        lock.lock();
        try {
            requireGoingOn();
            if (!verifier.finished()) {
                throw FailureException.of(FailureCode.CHANGE_LOG_CORRUPT, "segment " + wanted
                        + " ended without its footer after " + written + " bytes");
            }
            header = verifier.header().orElseThrow();
            channel.force(true);
            faults.reached("segment forced by its receiver");
        } catch (IOException e) {
            // What the system failed to write it may take for written afterwards: a second force would prove nothing.
            broken = true;
            throw reserve.orFull(e);
        } finally {
            lock.unlock();
        }
        // Not under our lock: the journal takes its own first and then ours when it closes receivers.
        try {
            if (!journal.closed(this, header)) {
                throw overtaken();
            }
        } catch (IOException e) {
            broken = true;
            throw reserve.orFull(e);
        }
        close();
    }

    /** Ends receiving. What is not durable is kept up to its last whole frame. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            ended = true;
            try (channel) {
                // Nothing is gone on with that begins as another segment, or may be of two captures.
                if (broken || !headerChecked) {
                    channel.truncate(0);
                } else {
                    channel.truncate(verifier.verifiedBytes());
                    left = Optional.of(verifier.atLastFrame());
                }
            }
        } finally {
            lock.unlock();
        }
        journal.gone(this);
    }

    DiskName disk() {
        return wanted.disk();
    }

    LogPosition position() {
        return wanted.position();
    }

    /** After its end: how far what it left can be gone on with; empty when not at all. */
    Optional<ChangeLogVerifier> left() {
        return left;
    }

    private void requireGoingOn() throws IOException {
        journal.requireNotFenced();
        if (ended) {
            throw overtaken();
        }
    }

    private IOException overtaken() {
        return new IOException("receiving segment " + wanted + " has ended; a younger connection may have it");
    }

    private void checkReserve(int arriving) throws IOException {
        uncheckedBytes += arriving;
        if (uncheckedBytes >= RESERVE_CHECK_BYTES) {
            reserve.require(new ByteCount(arriving));
            uncheckedBytes = 0;
        }
    }

    private void checkHeader() {
        if (!headerChecked && verifier.header().isPresent()) {
            wanted.check(verifier.header().get());
            headerChecked = true;
        }
    }

    private FailureException refused(ChangeLogException cause) {
        FailureCode code = switch (cause.reason()) {
            case TOO_NEW -> FailureCode.CHANGE_LOG_TOO_NEW;
            case TOO_OLD, CORRUPT -> FailureCode.CHANGE_LOG_CORRUPT;
        };
        return FailureException.of(code,
                "segment " + wanted + " was refused: " + cause.getMessage()).causedBy(cause);
    }

    /**
     * Which segment is expected.
     *
     * @param capture which capture of the position
     * @param previousSequence what it must follow
     */
    record Wanted(ReplicaSpec spec, DiskName disk, LogPosition position, long capture, long previousSequence) {
        /** Refuses a header of another VM, disk, position, capture or size (D-03). */
        void check(ChangeLogHeader header) {
            if (!header.vm().equals(spec.vm()) || !header.disk().equals(disk)
                    || !header.position().equals(position)) {
                throw FailureException.of(FailureCode.RELATIONSHIP_REFUSED, "segment " + this + " was expected, the "
                        + "header names disk " + header.disk() + " of VM " + header.vm() + " at " + header.position());
            }
            if (header.capture() != capture) {
                throw FailureException.of(FailureCode.CHANGE_LOG_CORRUPT, "segment " + this + " is of the capture at "
                        + header.capturedAt() + ", which is not the one that was announced");
            }
            if (header.previousSequence() != previousSequence) {
                throw FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED, "segment " + this + " follows "
                        + header.previousSequence() + "; the replica stands at " + previousSequence);
            }
            ByteCount size = spec.disk(disk).size();
            if (!header.diskSize().equals(size)) {
                throw FailureException.of(FailureCode.RESYNCHRONIZATION_REQUIRED, "segment " + this
                        + " is of a disk of " + header.diskSize().bytes() + " bytes; the replica's has "
                        + size.bytes());
            }
        }

        @Override
        public String toString() {
            return disk + "." + position + " of " + spec.vmName();
        }
    }
}
