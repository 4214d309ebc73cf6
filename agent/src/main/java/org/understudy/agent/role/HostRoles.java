package org.understudy.agent.role;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.HeldRole;
import org.understudy.command.HeldRole.Deed;
import org.understudy.command.MachineRole;
import org.understudy.command.ToldRole;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.ItemId;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/**
 * Gives VMs their roles at this host: first durably in the agent's folder, by which libvirt's hook decides, then as a
 * note that the VM itself carries, so that a host whose agent's folder was lost still knows an old copy. A VM that is
 * left behind is not started with its host any more; it is again when it is free. For many threads.
 *
 * <p>What libvirt refuses of that is logged and holds nothing up: the file decides.
 */
public final class HostRoles {
    private static final Logger LOG = LoggerFactory.getLogger(HostRoles.class);
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'").withZone(ZoneOffset.UTC);

    private final RoleStore store;
    private final Hypervisor hypervisor;
    private final Clock clock;
    private final Lock changing = new ReentrantLock();

    public HostRoles(RoleStore store, Hypervisor hypervisor, Clock clock) {
        this.store = store;
        this.hypervisor = hypervisor;
        this.clock = clock;
    }

    /** A VM as a protected item has it. */
    public record Machine(ItemId item, VmId vm, String name) {}

    /**
     * Whence a role is.
     *
     * @param elsewhere where the VM runs
     */
    private record Reason(Optional<String> elsewhere, Optional<Deed> deed) {
        static final Reason NONE = new Reason(Optional.empty(), Optional.empty());
    }

    public RoleStore store() {
        return store;
    }

    /** It runs here and is replicated from here. */
    public void source(Machine machine) throws IOException {
        give(machine, MachineRole.SOURCE, "", Reason.NONE);
    }

    /** Its replica is kept here; nothing changes for one that was failed over to here and is prepared again. */
    public void replica(Machine machine) throws IOException {
        if (isHere(machine, MachineRole.RUNNING_REPLICA)) {
            return;
        }
        replicaAgain(machine);
    }

    /** The same after a failover was taken back that had not defined its VM. */
    public void replicaAgain(Machine machine) throws IOException {
        give(machine, MachineRole.REPLICA, "VM " + machine.name() + " has its replica on this host and runs at another;"
                + " starting it here would make two running copies." + instead(machine), Reason.NONE);
    }

    /**
     * It is failed over to here and may start.
     *
     * @param deed of a person who did that at this host; an earlier one is kept when the same is done again
     */
    public void runningReplica(Machine machine, Optional<Deed> deed) throws IOException {
        Optional<Deed> known = deed.isPresent() || !isHere(machine, MachineRole.RUNNING_REPLICA) ? deed
                : store.find(machine.vm()).flatMap(note -> note.held().deed());
        give(machine, MachineRole.RUNNING_REPLICA, "", new Reason(Optional.empty(), known));
    }

    /** It was shut down here for its failover, which may yet be taken back. */
    public void shutDownForFailover(Machine machine) throws IOException {
        give(machine, MachineRole.LEFT_BEHIND, "VM " + machine.name() + " was shut down here on " + minute(
                clock.instant()) + " to be failed over to the other site; starting it here would make two running "
                + "copies." + instead(machine), Reason.NONE);
    }

    /**
     * What the vault knows better: of old copies, and of those that were never failed over after all. It counts for the
     * role that it corrects alone: one that was given since is of a later order, and stays.
     */
    public void told(ToldRole told) throws IOException {
        changing.lock();
        try {
            Optional<Instant> now = readable(told.vm()).map(note -> note.held().since());
            if (now.equals(told.against())) {
                correct(told);
            } else {
                LOG.info("a role was told too late vm={} role={} against={} now={}", told.vm(), told.role().word(),
                        told.against(), now);
            }
        } finally {
            changing.unlock();
        }
    }

    private void correct(ToldRole told) throws IOException {
        Machine machine = new Machine(told.item(), told.vm(), told.vmName());
        switch (told.role()) {
            case SOURCE -> source(machine);
            case LEFT_BEHIND -> give(machine, MachineRole.LEFT_BEHIND, "VM " + told.vmName() + " was failed over to "
                    + told.elsewhere() + " on " + minute(told.since()) + "; starting it here would make two running "
                    + "copies." + instead(machine), new Reason(Optional.of(told.elsewhere()), Optional.empty()));
            case REPLICA, RUNNING_REPLICA, RELEASED ->
                    LOG.warn("a role is not for the vault to give vm={} role={}", told.vm(), told.role().word());
        }
    }

    /**
     * Its target says that it takes nothing from here any more, as after a failover. Unless its role is another by now.
     *
     * @param before the role of which that was found out
     */
    public void overAtItsTarget(RoleNote before) throws IOException {
        HeldRole was = before.held();
        changing.lock();
        try {
            if (was.item().isPresent() && readable(was.vm()).equals(Optional.of(before))) {
                Machine machine = new Machine(was.item().get(), was.vm(), was.vmName());
                give(machine, MachineRole.LEFT_BEHIND, "The host that has the replica of VM " + machine.name()
                        + " takes nothing from here any more, as after a failover; starting it here might make two "
                        + "running copies." + instead(machine), Reason.NONE);
            }
        } finally {
            changing.unlock();
        }
    }

    /**
     * Gives a role to a VM whose file is gone, by what it carries and whether it runs here: what is here says more than
     * that a replica of it is here.
     *
     * @param failedOver whether disks of a failover are here, from which it runs or is to
     */
    public void replicaWithoutRole(Machine machine, boolean failedOver) throws IOException {
        if (failedOver || runs(machine.vm()) || carried(machine.vm()).equals(Optional.of(
                MachineRole.RUNNING_REPLICA.word()))) {
            runningReplica(machine, Optional.empty());
        } else {
            replica(machine);
        }
    }

    /** The same at the host that it was replicated from: one that carries that it was left behind still is. */
    public void sourceWithoutRole(Machine machine) throws IOException {
        Optional<String> carried = carried(machine.vm());
        if (!runs(machine.vm()) && (carried.equals(Optional.of(MachineRole.LEFT_BEHIND.word()))
                || carried.equals(Optional.of(MachineRole.REPLICA.word())))) {
            shutDownForFailover(machine);
        } else {
            source(machine);
        }
    }

    private boolean runs(VmId vm) {
        boolean[] found = {false};
        tryTo("see whether it runs", vm, () -> found[0] = hypervisor.machine(vm)
                .filter(machine -> machine.power() != PowerState.SHUT_OFF).isPresent());
        return found[0];
    }

    private Optional<String> carried(VmId vm) {
        List<String> found = new ArrayList<>();
        tryTo("read the role that it carries", vm, () -> {
            if (hypervisor.machine(vm).isPresent()) {
                hypervisor.definition(vm).role().ifPresent(found::add);
            }
        });
        return found.stream().findFirst();
    }

    /** Replication from here ended: a source is a VM like any other; an old copy stays one until it is released. */
    public void replicationEnded(ItemId item) throws IOException {
        forget(item, List.of(MachineRole.SOURCE, MachineRole.RELEASED));
    }

    /** The replica here is gone; a VM that was started from it is its administrator's own. */
    public void replicaEnded(ItemId item) throws IOException {
        forget(item, List.of(MachineRole.REPLICA, MachineRole.RUNNING_REPLICA));
    }

    /** Lets a VM start here although it may run elsewhere; whoever can say so is root at this host. */
    public RoleNote release(RoleNote before, Deed deed) throws IOException {
        changing.lock();
        try {
            HeldRole was = before.held();
            HeldRole held = new HeldRole(was.vm(), was.item(), was.vmName(), MachineRole.RELEASED, now(),
                    was.elsewhere(), Optional.of(deed));
            RoleNote note = RoleNote.free(held, false);
            store.save(note);
            // Unlike elsewhere a failure is told: the note that the VM carries would still keep it from starting.
            hypervisor.noteRole(was.vm(), Optional.empty());
            startWithHost(was.vm(), before.autostart());
            LOG.warn("a VM was released vm={} name={} by={} reason={}", was.vm(), was.vmName(), deed.by(),
                    deed.reason());
            return note;
        } finally {
            changing.unlock();
        }
    }

    private void give(Machine machine, MachineRole role, String refusal, Reason why) throws IOException {
        changing.lock();
        try {
            Optional<RoleNote> before = readable(machine.vm());
            HeldRole held = new HeldRole(machine.vm(), Optional.of(machine.item()), machine.name(), role,
                    before.filter(note -> note.role() == role).map(note -> note.held().since()).orElseGet(this::now),
                    why.elsewhere(), why.deed());
            boolean leaves = role == MachineRole.LEFT_BEHIND;
            boolean autostart = before.map(RoleNote::autostart).orElse(false);
            if (leaves && !autostart) {
                autostart = startsWithHost(machine.vm());
            }
            RoleNote note = new RoleNote(held, refusal, leaves && autostart);
            if (before.equals(Optional.of(note))) {
                return;
            }
            store.save(note);
            LOG.info("a VM got a role vm={} name={} role={}", machine.vm(), machine.name(), role.word());
            carry(machine.vm(), role);
            if (leaves && autostart) {
                startWithHost(machine.vm(), false);
            } else if (role == MachineRole.SOURCE && autostart) {
                startWithHost(machine.vm(), true);
            }
        } finally {
            changing.unlock();
        }
    }

    /** A note that cannot be read is replaced by the one that is right now. */
    private Optional<RoleNote> readable(VmId vm) throws IOException {
        try {
            return store.find(vm);
        } catch (FailureException e) {
            LOG.warn("a role was not readable and is replaced vm={}", vm, e);
            return Optional.empty();
        }
    }

    private void forget(ItemId item, List<MachineRole> roles) throws IOException {
        changing.lock();
        try {
            List<RoleNote> gone = store.all(_ -> { }).stream().filter(note -> roles.contains(note.role())
                    && note.held().item().equals(Optional.of(item))).toList();
            for (RoleNote note : gone) {
                store.remove(note.held().vm());
                carryNothing(note.held().vm());
                LOG.info("a VM has no role any more vm={} name={}", note.held().vm(), note.held().vmName());
            }
        } finally {
            changing.unlock();
        }
    }

    private boolean isHere(Machine machine, MachineRole role) throws IOException {
        return readable(machine.vm()).filter(note -> note.role() == role
                && note.held().item().equals(Optional.of(machine.item()))).isPresent();
    }

    /** A source carries no note: it is a VM like any other, and where it may start nothing need be said. */
    private void carry(VmId vm, MachineRole role) {
        if (role.mayStart() && role != MachineRole.RUNNING_REPLICA) {
            carryNothing(vm);
        } else {
            tryTo("note the role", vm, () -> hypervisor.noteRole(vm, Optional.of(role.word())));
        }
    }

    private void carryNothing(VmId vm) {
        tryTo("take the note of a role away", vm, () -> hypervisor.noteRole(vm, Optional.empty()));
    }

    private boolean startsWithHost(VmId vm) {
        boolean[] found = {false};
        tryTo("see whether it starts with its host", vm, () ->
                found[0] = hypervisor.machine(vm).isPresent() && hypervisor.definition(vm).autostart());
        return found[0];
    }

    private void startWithHost(VmId vm, boolean autostart) {
        tryTo("set whether it starts with its host", vm, () -> {
            if (hypervisor.machine(vm).isPresent()) {
                hypervisor.setAutostart(vm, autostart);
            }
        });
    }

    /** What is asked of libvirt. */
    private interface Asking {
        void ask() throws IOException;
    }

    private static void tryTo(String what, VmId vm, Asking asking) {
        try {
            asking.ask();
        } catch (IOException | FailureException e) {
            LOG.warn("libvirt did not do what was asked of a VM what={} vm={} reason={}", what, vm,
                    FailureTeller.reason(e));
        }
    }

    private static String instead(Machine machine) {
        return " To start it all the same: understudy agent release " + machine.name() + " --reason TEXT";
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static String minute(Instant at) {
        return MINUTE.format(at);
    }
}
