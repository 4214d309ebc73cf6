package org.understudy.agent.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.hypervisor.AdapterAddresses;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwareReading;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.hypervisor.SourceHost;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;
import org.understudy.model.RelationshipId;
import org.understudy.replication.MachineState;
import org.understudy.replication.StateDigest;

/**
 * What one VM was at each position apart from its disks, as its source notes it: how it is defined, and what its
 * firmware and its TPM keep. Noted durably before the cycle counts.
 *
 * <p>One thread looks and notes; any other asks at once.
 */
final class MachineNotes {
    private static final Logger LOG = LoggerFactory.getLogger(MachineNotes.class);

    private final RelationshipId id;
    private final SourceHost host;
    private final RelationshipStore store;
    private final Lock lock = new ReentrantLock();
    /** What was seen last and where it lay, without its bytes: there may be hundreds of VMs. */
    private Optional<Look> last = Optional.empty();
    /** The file that was asked for last. */
    private Optional<Noted> noted = Optional.empty();

    private String whyUnread = "";

    private record Look(Optional<String> imprint, StateDigest digest) {}

    private record Noted(Path file, StateDigest digest) {}

    /**
     * What was seen of a VM's firmware and TPM.
     *
     * @param read its bytes, where somebody wrote since the look before
     */
    record Seen(StateDigest digest, Optional<MachineState> read) {}

    MachineNotes(RelationshipId id, SourceHost host, RelationshipStore store) {
        this.id = id;
        this.host = host;
        this.store = store;
    }

    /**
     * Looks at what the VM's firmware and TPM keep, just before a point in time begins; empty when that cannot be read
     * now.
     */
    Optional<Seen> look(Relationship relationship) throws IOException {
        Optional<FirmwareReading.Held> before =
                last.map(look -> new FirmwareReading.Held(FirmwareBundle.NONE, look.imprint()));
        try {
            switch (host.firmware().read(relationship.vm(), before)) {
                case FirmwareReading.Held held -> {
                    return Optional.of(before.isPresent() && held == before.get()
                            ? new Seen(last.orElseThrow().digest(), Optional.empty()) : seen(held));
                }
                case FirmwareReading.NotNow(String reason) -> unread(reason);
            }
        } catch (FailureException e) {
            unread(e.failure().message());
        }
        return Optional.empty();
    }

    /** Once for each reason: it may stay so, and there is a cycle every few seconds. */
    private void unread(String reason) {
        if (!whyUnread.equals(reason)) {
            LOG.warn("what the VM's firmware keeps could not be read relationship={} reason=\"{}\"", id, reason);
        }
        whyUnread = reason;
    }

    private Seen seen(FirmwareReading.Held held) {
        MachineState state = new MachineState(held.bundle().encode());
        whyUnread = "";
        last = Optional.of(new Look(held.imprint(), state.digest()));
        return new Seen(state.digest(), Optional.of(state));
    }

    /** Whether what was seen is what stands at a position already. */
    boolean stands(Optional<Seen> seen, LogPosition position) throws IOException {
        return seen.isEmpty() || digestAt(position).equals(seen.get().digest());
    }

    /**
     * Notes what the VM is, in an open point in time.
     *
     * @param before what was seen just before it began. Where another is seen now that one counts: what was written
     *     between the two looks is of the instant or a moment after it. Where none is, what was seen before, or stood
     */
    void note(Relationship relationship, LogPosition position, Optional<Seen> before) throws IOException {
        noteDefinition(relationship, position);
        Optional<Seen> now = look(relationship);
        if (now.isPresent() && before.isPresent() && !now.get().digest().equals(before.get().digest())) {
            LOG.debug("the VM's firmware or TPM wrote while a cycle began relationship={} position={}", id, position);
        }
        Optional<Seen> counts = now.or(() -> before);
        if (stands(counts, position)) {
            return;
        }
        StateDigest digest = counts.orElseThrow().digest();
        Optional<MachineState> state = counts.get().read().or(() ->
                before.flatMap(Seen::read).filter(read -> read.digest().equals(digest)));
        if (state.isEmpty()) {
            // Seen in an earlier cycle, and not what stands any more: the chain was taken back since.
            last = Optional.empty();
            state = look(relationship).flatMap(Seen::read);
        }
        if (state.isPresent()) {
            remember(new Noted(store.saveMachineState(id, position, state.get().bytes()), state.get().digest()));
        }
    }

    /** As the target needs it; see {@link org.understudy.replication.SourceEnd#machineState}. */
    Optional<MachineState> state(LogPosition position, Optional<StateDigest> told) throws IOException {
        if (told.equals(Optional.of(digestAt(position)))) {
            return Optional.empty();
        }
        Optional<Path> file = store.machineState(id, position);
        return Optional.of(file.isPresent() ? new MachineState(Files.readAllBytes(file.get())) : MachineState.NONE);
    }

    private StateDigest digestAt(LogPosition position) throws IOException {
        Optional<Path> file = store.machineState(id, position);
        if (file.isEmpty()) {
            return StateDigest.OF_NONE;
        }
        lock.lock();
        try {
            if (noted.filter(known -> known.file().equals(file.get())).isPresent()) {
                return noted.get().digest();
            }
        } finally {
            lock.unlock();
        }
        Noted read = new Noted(file.get(), StateDigest.of(Files.readAllBytes(file.get())));
        remember(read);
        return read.digest();
    }

    private void remember(Noted file) {
        lock.lock();
        try {
            noted = Optional.of(file);
        } finally {
            lock.unlock();
        }
    }

    /** How the VM is defined at a position. */
    String definition(Relationship relationship, LogPosition position) throws IOException {
        Optional<String> known = store.definition(id, position);
        if (known.isEmpty()) {
            // Captured by an agent of the first release, which noted none.
            noteDefinition(relationship, position);
            known = store.definition(id, position);
        }
        return known.orElseThrow(() -> FailureException.of(FailureCode.VM_NOT_FOUND_AT_SOURCE,
                "VM " + relationship.vmName() + " is no longer defined on this host."));
    }

    private void noteDefinition(Relationship relationship, LogPosition position) throws IOException {
        try {
            Optional<String> before = store.definition(id, position);
            MachineDefinition definition = addressed(host.definition(relationship.vm()), before);
            definition.tooLong().ifPresent(why -> {
                throw FailureException.of(FailureCode.VM_CANNOT_BE_PROTECTED, "VM " + relationship.vmName() + ": "
                        + why, "Shorten the VM's definition as the message says; then resume replication.");
            });
            String now = definition.xml();
            if (!before.equals(Optional.of(now))) {
                store.saveDefinition(id, position, now);
            }
        } catch (FailureException e) {
            // Disks were captured of it just now: what it was before is better than no position.
            if (store.definition(id, position).isEmpty()) {
                throw e;
            }
            LOG.warn("the VM's definition could not be read relationship={} reason={}", id,
                    e.failure().message());
        }
    }

    /** A lease that ended while the VM was off is still the address by which others know it. */
    private static MachineDefinition addressed(MachineDefinition now, Optional<String> before) {
        return before.map(MachineDefinition::new)
                .map(earlier -> AdapterAddresses.of(now).orElse(AdapterAddresses.of(earlier), now).notedIn(now))
                .orElse(now);
    }
}
