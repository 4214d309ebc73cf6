package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.model.DiskName;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.LogPosition;

/**
 * Makes branches of one replica's points, removes them, and sees a committed one through until its disks are the VM's
 * own. Safe for threads; whoever makes one has a turn at the disks.
 */
final class Branching {
    private static final Logger LOG = LoggerFactory.getLogger(Branching.class);

    private final ReplicaSpec spec;
    private final StateFile state;
    private final ReplicaStore store;
    private final DiskTurns turns;
    private final Applying applying;

    Branching(ReplicaSpec spec, StateFile state, ReplicaStore store, DiskTurns turns, Applying applying) {
        this.spec = spec;
        this.state = state;
        this.store = store;
        this.turns = turns;
        this.applying = applying;
    }

    /** The branch of that name, if there is one; ALREADY_EXISTS when it is of another point or for something else. */
    Optional<Branch> existing(String name, LogPosition point, Branch.Purpose purpose) {
        Optional<Branch> existing = find(name);
        existing.filter(it -> !it.point().position().equals(point) || it.purpose() != purpose).ifPresent(other -> {
            throw FailureException.of(FailureCode.ALREADY_EXISTS, "branch " + other.name() + " of " + spec.vmName()
                    + " exists for " + other.purpose() + " at " + other.point().position(),
                    "Remove it first, or choose another name.");
        });
        return existing;
    }

    private Optional<Branch> find(String name) {
        return store.branches().stream().filter(branch -> branch.name().equals(name)).findFirst();
    }

    Branch make(Branches.Wish wish) throws IOException {
        applying.applyUpTo(wish.point().position());
        try {
            Branch branch = store.branch(wish, state.current().applied().position());
            LOG.info("branch made item={} name={} purpose={} point={}",
                    spec.item(), wish.name(), wish.purpose(), wish.point().position());
            return branch;
        } finally {
            // An undo log may have turned out to be damaged.
            noteLostInstant();
        }
    }

    void noteLostInstant() throws IOException {
        if (store.lostItsInstant()) {
            state.update(ReplicaState::appliedIsNoPoint);
        }
    }

    void remove(String name) throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            if (state.current().committed() && find(name).isPresent()) {
                throw FailureException.of(FailureCode.STATE_FORBIDS, "branch " + name + " is the disk of "
                        + spec.vmName() + " since its failover was committed", "Delete the VM itself, if you must.");
            }
            store.removeBranch(name);
            LOG.info("branch removed item={} name={}", spec.item(), name);
        }
    }

    void requireCommittable(Set<LogPosition> kept) {
        List<Branch> open = store.branches();
        Optional<Branch> test = open.stream().filter(it -> it.purpose() == Branch.Purpose.TEST).findFirst();
        if (test.isPresent()) {
            throw FailureException.of(FailureCode.IN_USE,
                    "test branch " + test.get().name() + " of " + spec.vmName() + " is open");
        }
        if (!state.current().committed() && open.size() != 1) {
            throw FailureException.of(FailureCode.STATE_FORBIDS, "the replica of " + spec.vmName() + " has "
                    + open.size() + " failover branches; one is needed to commit", "Fail over first.");
        }
        if (!kept.isEmpty()) {
            throw Pins.keeps(spec, kept.iterator().next(), "a commit deletes every point");
        }
    }

    /** What is left to do for the disks of the committed VM; empty when there are none to hand over. */
    Optional<List<HandOver>> handOver() throws IOException {
        if (!state.current().committed() || store.branches().isEmpty() || !store.can(ReplicaStore.Ability.HANDS_OVER)) {
            return Optional.empty();
        }
        return store.handOver(store.branches().getFirst().name());
    }

    void handedOver(List<DiskName> moved) throws IOException {
        try (DiskTurns.Turn _ = turns.take()) {
            turns.requireOpen();
            if (!state.current().committed()) {
                throw FailureException.of(FailureCode.STATE_FORBIDS, "The failover of VM " + spec.vmName()
                        + " is not committed: its disks rest on the replica.", "Commit it first.");
            }
            if (!store.branches().isEmpty()) {
                store.handedOver(store.branches().getFirst().name(), moved);
            }
        }
    }

    void requireUnused(Collection<Path> images, Path home) throws IOException {
        for (Path image : images) {
            if (!Files.exists(image)) {
                throw FailureException.of(FailureCode.STATE_FORBIDS, "Image " + image + " of VM " + spec.vmName()
                        + " is not there, so that it is not known what it rests on.",
                        "Mount what it lies on, or have the VM use another; or undefine the VM, if it is not wanted.");
            }
            if (ImageFacts.restsWithin(image, home)) {
                throw FailureException.of(FailureCode.STATE_FORBIDS, "Image " + image + " of VM " + spec.vmName()
                        + " rests on the replica's folder " + home + ", which it does not need to any more.",
                        "While the VM runs: virsh blockpull; while it is off: qemu-img rebase -b \"\" on the image "
                                + "that names that folder. Then ask again.");
            }
        }
    }
}
