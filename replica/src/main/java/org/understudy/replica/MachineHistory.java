package org.understudy.replica;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.disk.DurableFile;
import org.understudy.disk.FolderAccess;
import org.understudy.disk.Folders;
import org.understudy.model.ByteCount;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.replication.MachineState;
import org.understudy.replication.StateDigest;

/**
 * What a VM was at each position, apart from its disks: how it is defined, {@code machines/1-42.xml}, and what its
 * firmware and TPM keep, {@code machines/1-42.state}, each from the position at which it changed until the next. A
 * point is started with the newest at or before it.
 *
 * <p>What is remembered is durable when the call returns. Few files: one for each change that a kept point needs. Safe
 * for threads.
 */
final class MachineHistory {
    private static final Logger LOG = LoggerFactory.getLogger(MachineHistory.class);
    private static final String STATE = ".state";

    private final Path folder;
    private final Path withoutPosition;
    private final StateFile promised;
    private final Journal journal;
    private final DiskTurns turns;
    private final StorageReserve reserve;
    private final FaultPoint faults;
    private final PositionedFiles definitions;
    private final PositionedFiles states;
    private final ReentrantLock lock = new ReentrantLock();
    /** What was read last, since each report asks for it; a file changes by {@link #define} alone. */
    private Optional<Told> last = Optional.empty();

    private record Told(Path file, String definition) {}

    /** @param promised what the source was promised: what was told of earlier positions is not changed any more */
    MachineHistory(ReplicaFolder folder, StateFile promised, Journal journal, DiskTurns turns,
            StorageReserve reserve, FaultPoint faults) {
        this.folder = folder.machines();
        this.withoutPosition = folder.definition();
        this.promised = promised;
        this.journal = journal;
        this.turns = turns;
        this.reserve = reserve;
        this.faults = faults;
        this.definitions = new PositionedFiles(this.folder, ".xml");
        this.states = new PositionedFiles(this.folder, STATE);
    }

    /** Of a replica that is being made over disks that are there: so the VM's state lay beside them. */
    static void begin(Path folder, LogPosition position, MachineState state) throws IOException {
        DurableFile.replace(PositionedFiles.file(folder, position, STATE), state.bytes());
    }

    void open() throws IOException {
        Folders.make(folder, FolderAccess.PRIVATE);
        definitions.open();
        states.open();
    }

    /** The VM is defined so from a position on, which nobody was promised yet. */
    void define(LogPosition position, String definition) throws IOException {
        lock.lock();
        try {
            requireNext(position, promised.current().acknowledged().position());
            if (definitionAt(position).equals(Optional.of(definition)) && !definitions.isEmpty()) {
                return;
            }
            Path file = definitions.put(position, definition.getBytes(StandardCharsets.UTF_8));
            last = Optional.of(new Told(file, definition));
            LOG.info("the VM's definition changed position={} file={}", position, file);
        } catch (IOException e) {
            throw reserve.orFull(e);
        } finally {
            lock.unlock();
        }
    }

    /** The VM's firmware and TPM keep this from a position on, which nobody was promised yet. */
    void keep(LogPosition position, MachineState state) throws IOException {
        lock.lock();
        try {
            requireNext(position, promised.current().acknowledged().position().next());
            reserve.require(new ByteCount(state.bytes().length));
            Path file = states.put(position, state.bytes());
            faults.reached("machine state kept");
            LOG.info("the VM's state changed position={} file={} bytes={}", position, file, state.bytes().length);
        } catch (IOException e) {
            throw reserve.orFull(e);
        } finally {
            lock.unlock();
        }
    }

    /** What was promised does not change, and of what comes after the next position there would be no end. */
    private void requireNext(LogPosition position, LogPosition first) throws IOException {
        turns.requireOpen();
        journal.requireNotFenced();
        LogPosition next = promised.current().acknowledged().position().next();
        if (!position.equals(first) && !position.equals(next)) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "The replica of " + turns.vmName()
                    + " takes what the VM is at " + next + " now, not at " + position + ".",
                    "Ask where the target stands and go on from there.");
        }
    }

    /** A source goes on from what it was promised: states that it told of positions that never came are of none. */
    void forgetStatesNotPromised() throws IOException {
        lock.lock();
        try {
            states.forgetAfter(promised.current().acknowledged().position());
        } finally {
            lock.unlock();
        }
    }

    /** How the VM was defined at a position, as far as was told. */
    Optional<String> definitionAt(LogPosition position) throws IOException {
        lock.lock();
        try {
            Optional<Path> file = definitions.at(position);
            Optional<String> told = file.isPresent() ? read(file.get()) : Optional.empty();
            if (told.isEmpty()) {
                told = read(withoutPosition);
            }
            Optional<Path> first = definitions.first();
            return told.isEmpty() && first.isPresent() ? read(first.get()) : told;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Where that lies what the VM kept at a position; empty where it kept nothing, or nothing was told. The file is
     * there until the point is trimmed.
     */
    Optional<Path> stateAt(LogPosition position) throws IOException {
        lock.lock();
        try {
            Optional<Path> file = states.at(position);
            return file.isPresent() && Files.size(file.get()) > 0 ? file : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** What tells the state at what the source was promised last from another. Of one that is lost it is told anew. */
    StateDigest promisedState() {
        try {
            Optional<Path> file = stateAt(promised.current().acknowledged().position());
            return file.isPresent() ? StateDigest.of(Files.readAllBytes(file.get())) : StateDigest.OF_NONE;
        } catch (IOException e) {
            LOG.warn("the VM's state cannot be read folder={} reason=\"{}\"", folder, e.toString());
            return StateDigest.OF_NONE;
        }
    }

    /** Keeps what one of these positions, or a later one, is started with, and nothing else. */
    void keepFor(List<LogPosition> positions, LogPosition newest) throws IOException {
        lock.lock();
        try {
            definitions.keepFor(positions, newest);
            states.keepFor(positions, newest);
        } finally {
            lock.unlock();
        }
    }

    private Optional<String> read(Path file) throws IOException {
        if (last.filter(told -> told.file().equals(file)).isEmpty()) {
            last = DurableFile.read(file).map(bytes -> new Told(file, new String(bytes, StandardCharsets.UTF_8)));
        }
        return last.map(Told::definition);
    }
}
