package org.understudy.agent.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.AgentCommand.StartReplication;
import org.understudy.command.AgentReport;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineEvent;
import org.understudy.model.DiskName;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.ItemId;
import org.understudy.model.VirtualDisk;
import org.understudy.model.VirtualMachine;

/**
 * The owner of every replication that this host is the source of: starts those it knows when the agent starts, whether
 * or not a vault is there, and starts and removes them as the vault asks. Safe for many threads.
 */
public final class SourceReplications implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SourceReplications.class);

    private final Hypervisor hypervisor;
    private final RelationshipStore store;
    private final ReplicationFactory factory;
    private final Lock lock = new ReentrantLock();
    private final Map<String, Replication> running = new ConcurrentSkipListMap<>();

    public SourceReplications(Hypervisor hypervisor, RelationshipStore store, ReplicationFactory factory) {
        this.hypervisor = hypervisor;
        this.store = store;
        this.factory = factory;
    }

    /** Goes on with everything this host was told before. */
    public void resume() throws IOException {
        for (Relationship relationship : store.all()) {
            start(relationship);
        }
    }

    /** Starts a relationship, durably; the same one again changes nothing but its settings and its target's address. */
    public void start(StartReplication asked) throws IOException {
        VirtualMachine machine = hypervisor.machine(asked.vm()).orElseThrow(() -> FailureException.of(
                FailureCode.VM_NOT_FOUND_AT_SOURCE, "VM " + asked.vm() + " is not defined on this host."));
        Map<DiskName, Relationship.SourceDisk> disks = new TreeMap<>();
        for (DiskName name : asked.disks()) {
            disks.put(name, sourceDisk(machine, name));
        }
        Relationship relationship = new Relationship(
                asked.item(), asked.generation(), asked.vm(), disks, asked.target(), asked.settings());
        lock.lock();
        try {
            store.save(relationship);
            stop(asked.item());
            start(relationship);
        } finally {
            lock.unlock();
        }
    }

    private static Relationship.SourceDisk sourceDisk(VirtualMachine machine, DiskName name) {
        VirtualDisk disk = machine.disks().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> FailureException.of(
                        FailureCode.NOT_FOUND, "VM " + machine.name() + " has no disk " + name + "."));
        disk.obstacle().ifPresent(obstacle -> {
            throw FailureException.of(FailureCode.VM_CANNOT_BE_PROTECTED,
                    "Disk " + name + " of VM " + machine.name() + " cannot be tracked: " + obstacle);
        });
        return new Relationship.SourceDisk(
                disk.size(), Path.of(disk.file()).toAbsolutePath().getParent().toString());
    }

    /** Ends what halts a relationship or makes it pause: both loops make their next attempt now. */
    public void resume(ItemId item) {
        lock.lock();
        try {
            Replication replication = running.get(item.toString());
            if (replication == null) {
                throw FailureException.of(
                        FailureCode.NOT_FOUND, "This host is not the source of an item " + item + ".");
            }
            replication.resume();
        } finally {
            lock.unlock();
        }
    }

    /** Stops a relationship and removes everything it left on this host; unknown is fine. */
    public void remove(ItemId item) throws IOException {
        lock.lock();
        try {
            Replication replication = running.get(item.toString());
            if (replication != null) {
                replication.remove();
                running.remove(item.toString());
            }
            store.remove(item);
        } finally {
            lock.unlock();
        }
    }

    /**
     * How every replication stands, each by itself. Takes no lock: a replication that is being started or removed may
     * wait for a hypervisor.
     */
    public List<AgentReport.SourceProgress> reports(Consumer<Failure> troubles) {
        List<AgentReport.SourceProgress> reports = new ArrayList<>();
        for (Replication replication : running.values()) {
            try {
                reports.add(replication.report());
            } catch (IOException | RuntimeException e) {
                ItemId item = replication.relationship().item();
                LOG.warn("replication could not be reported item={} reason={}", item, e.toString());
                troubles.accept(FailureException.of(FailureCode.SOURCE_IO_FAILED,
                        "How replication of the item " + item + " stands cannot be read: "
                                + FailureTeller.reason(e) + ".").failure());
            }
        }
        return reports;
    }

    /** What the hypervisor says of a VM may end a wait. */
    public void on(MachineEvent event) {
        if (event.kind() == MachineEvent.Kind.STARTED || event.kind() == MachineEvent.Kind.DEFINED) {
            Thread.ofVirtual().name("nudge").start(() -> nudge(event));
        }
    }

    private void nudge(MachineEvent event) {
        lock.lock();
        try {
            running.values().stream()
                    .filter(replication -> replication.relationship().vm().equals(event.vm()))
                    .forEach(Replication::resume);
        } finally {
            lock.unlock();
        }
    }

    private void start(Relationship relationship) throws IOException {
        Replication replication = factory.create(relationship);
        running.put(relationship.item().toString(), replication);
        replication.start();
    }

    private void stop(ItemId item) {
        Replication replication = running.remove(item.toString());
        if (replication != null) {
            replication.close();
        }
    }

    /** Stops all; what they know stays. */
    @Override
    public void close() {
        lock.lock();
        try {
            running.values().forEach(Replication::close);
            running.clear();
        } finally {
            lock.unlock();
        }
    }
}
