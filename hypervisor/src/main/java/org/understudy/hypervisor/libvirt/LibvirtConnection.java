package org.understudy.hypervisor.libvirt;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.hypervisor.HypervisorAwayException;
import org.understudy.hypervisor.MachineEvent;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VmId;

/**
 * The connection to one libvirtd, opened by the first call and again by the call after it was lost.
 *
 * <p>Safe for many threads. Calls run on a few platform threads of its own (libvirt keeps its last error per thread),
 * at most {@value #THREADS} at once; a call is not interruptible, but a libvirtd that answers no keepalive for some
 * {@value #KEEPALIVE_SECONDS} times {@value #KEEPALIVE_COUNT} seconds counts as lost.
 */
final class LibvirtConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtConnection.class);
    /** What libvirt says of a VM of whose backup it knows that there is one, and nothing else. */
    private static final String LOST_BACKUP = "backup job data missing";
    private static final int THREADS = 8;
    private static final int KEEPALIVE_SECONDS = 5;
    private static final int KEEPALIVE_COUNT = 4;

    private final String uri;
    private final MachineNames names = new MachineNames();
    private final ScheduledThreadPoolExecutor nativeThreads = new ScheduledThreadPoolExecutor(
            THREADS, Thread.ofPlatform().daemon().name("libvirt-", 0).factory());
    private final ExecutorService askingThreads = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("libvirt-ask-", 0).factory());
    private final ExecutorService eventThread = Executors.newSingleThreadExecutor(
            Thread.ofVirtual().name("machine-events").factory());
    private final List<Consumer<MachineEvent>> listeners = new CopyOnWriteArrayList<>();
    private final Object openLock = new Object();
    private MemorySegment open = MemorySegment.NULL;
    private long eventReceiver;
    private int eventRegistration;
    private boolean closed;
    private volatile int number;

    LibvirtConnection(String uri) {
        this.uri = uri;
    }

    /** What is done with the open connection, on a platform thread. */
    @FunctionalInterface
    interface Call<T> {
        T on(MemorySegment connection) throws LibvirtException, IOException;
    }

    /** What is done with a domain, on a platform thread; the handle is freed afterwards. */
    @FunctionalInterface
    interface DomainCall<T> {
        T on(MemorySegment domain) throws LibvirtException, IOException;
    }

    /**
     * Does a call and tells its failure to people.
     *
     * @param doing what is being done, for messages: "libvirt refused to " + doing
     * @throws IOException when the connection cannot be opened or was lost
     * @throws FailureException HYPERVISOR_REFUSED with libvirt's words, unless the call threw another
     */
    <T> T call(String doing, Call<T> call) throws IOException {
        return await(nativeThreads.submit(() -> run(doing, call)));
    }

    /** Begins a call on a thread beside those of all others, for what may hang with a VM; nobody waits for it here. */
    <T> Future<T> begin(String doing, Call<T> call) {
        return askingThreads.submit(() -> run(doing, call));
    }

    /** The same after a pause; nothing waits in a thread meanwhile but the caller. */
    <T> T callAfter(Duration pause, String doing, Call<T> call) throws IOException {
        Callable<T> task = () -> run(doing, call);
        return await(nativeThreads.schedule(task, pause.toNanos(), TimeUnit.NANOSECONDS));
    }

    /** A {@link #call} with a VM's domain; VM_NOT_FOUND_AT_SOURCE when libvirt knows no such VM. */
    <T> T callDomain(String doing, VmId vm, DomainCall<T> call) throws IOException {
        return call(doing, connection -> withDomain(connection, vm, call));
    }

    /** For use inside a {@link Call}. */
    static <T> T withDomain(MemorySegment connection, VmId vm, DomainCall<T> call)
            throws LibvirtException, IOException {
        MemorySegment domain;
        try {
            domain = LibvirtLibrary.virDomainLookupByUUIDString(connection, vm.toString());
        } catch (LibvirtException e) {
            if (e.code() == LibvirtLibrary.VIR_ERR_NO_DOMAIN) {
                throw FailureException.of(FailureCode.VM_NOT_FOUND_AT_SOURCE,
                        "VM " + vm + " is not known to libvirt on this host");
            }
            throw e;
        }
        try {
            return call.on(domain);
        } finally {
            LibvirtLibrary.virDomainFree(domain);
        }
    }

    /** Tells a listener of events, each after the other, from the first connection on. */
    AutoCloseable listen(Consumer<MachineEvent> listener) throws IOException {
        listeners.add(listener);
        call("connect", connection -> null);
        return () -> listeners.remove(listener);
    }

    @Override
    public void close() {
        synchronized (openLock) {
            closed = true;
            drop();
        }
        nativeThreads.shutdown();
        askingThreads.shutdown();
        eventThread.shutdown();
    }

    /** How often it was opened: another number after libvirt was restarted. */
    int number() {
        return number;
    }

    /** How the VMs of this host are called, in what people read. */
    MachineNames names() {
        return names;
    }

    private <T> T run(String doing, Call<T> call) throws IOException {
        MemorySegment connection = acquire();
        try {
            return call.on(connection);
        } catch (FailureException e) {
            throw names.in(e);
        } catch (LibvirtException e) {
            if (wasLost(connection, e)) {
                forget(connection);
                throw new HypervisorAwayException("the connection to libvirt at %s was lost while it was to %s: %s"
                        .formatted(uri, names.in(doing), e.getMessage()), e);
            }
            throw names.in(refused(doing, e));
        } finally {
            LibvirtLibrary.virConnectClose(connection);
        }
    }

    /**
     * As a failure for people, with libvirt's own words. One that was killed within the moment in which a backup begins
     * has kept that there is one and not which: it can neither go on nor be given up (seen with libvirt 9.0; an abort
     * is answered and does nothing; restarted while the VM runs it remembers the same; and it does not start a VM that
     * it remembers so from when it ran).
     */
    static FailureException refused(String doing, LibvirtException e) {
        if (e.getMessage().contains(LOST_BACKUP)) {
            return FailureException.of(FailureCode.HYPERVISOR_REFUSED, "libvirt refused to " + doing
                    + ": it was ended while a backup of the VM began, has lost what it knew of that, and lets nothing "
                    + "of the kind begin before it was started anew while the VM is off (" + e.getMessage() + ").",
                    "Shut the VM down (virsh shutdown), restart libvirt while it is off (systemctl restart libvirtd), "
                            + "by which no other VM stops, and start it (virsh start). All else goes on by itself.")
                    .causedBy(e);
        }
        FailureCode code = e.code() == LibvirtLibrary.VIR_ERR_OPERATION_TIMEOUT
                ? FailureCode.HYPERVISOR_BUSY : FailureCode.HYPERVISOR_REFUSED;
        return FailureException.of(code, "libvirt refused to " + doing + ": " + e.getMessage()).causedBy(e);
    }

    /** Hands a failure on that means that the connection was lost; for calls that go on after a refusal. */
    static void throwIfLost(MemorySegment connection, LibvirtException e) throws LibvirtException {
        if (wasLost(connection, e)) {
            throw e;
        }
    }

    private static boolean wasLost(MemorySegment connection, LibvirtException e) {
        return !LibvirtLibrary.virConnectIsAlive(connection)
                || e.domain() == LibvirtLibrary.VIR_FROM_RPC
                || e.domain() == LibvirtLibrary.VIR_FROM_REMOTE;
    }

    /** A counted reference to the living connection: another call that finds it dead cannot free it under this one. */
    private MemorySegment acquire() throws IOException {
        synchronized (openLock) {
            if (closed) {
                throw new HypervisorAwayException(
                        "the connection to libvirt at " + uri + " was closed by this process", null);
            }
            if (open.address() != 0 && !LibvirtLibrary.virConnectIsAlive(open)) {
                LOG.warn("the connection to libvirt was lost uri={}", uri);
                drop();
            }
            try {
                if (open.address() == 0) {
                    open = connect();
                    number++;
                    LOG.info("connected to libvirt uri={}", uri);
                }
                LibvirtLibrary.virConnectRef(open);
                return open;
            } catch (LibvirtException e) {
                throw new HypervisorAwayException(
                        "libvirt at %s cannot be reached: %s".formatted(uri, e.getMessage()), e);
            } catch (LinkageError e) {
                throw new HypervisorAwayException(
                        "libvirt.so.0 cannot be loaded: install the package libvirt0 (libvirt-libs)", e);
            }
        }
    }

    private MemorySegment connect() throws LibvirtException {
        LibvirtEvents.start();
        MemorySegment connection = LibvirtLibrary.virConnectOpen(uri);
        try {
            LibvirtLibrary.virConnectSetKeepAlive(connection, KEEPALIVE_SECONDS, KEEPALIVE_COUNT);
            eventReceiver = LibvirtEvents.add(this::hear);
            eventRegistration = LibvirtEvents.register(connection, eventReceiver);
            return connection;
        } catch (LibvirtException e) {
            LibvirtEvents.remove(eventReceiver);
            LibvirtLibrary.virConnectClose(connection);
            throw e;
        }
    }

    private void forget(MemorySegment lost) {
        synchronized (openLock) {
            if (open.equals(lost)) {
                drop();
            }
        }
    }

    private void drop() {
        if (open.address() != 0) {
            LibvirtEvents.remove(eventReceiver);
            // The registration holds a reference of its own to the connection, which would never be freed.
            LibvirtEvents.deregister(open, eventRegistration);
            LibvirtLibrary.virConnectClose(open);
            open = MemorySegment.NULL;
        }
    }

    /** On the event loop's thread: hands on. */
    private void hear(MachineEvent event) {
        eventThread.execute(() -> listeners.forEach(listener -> listener.accept(event)));
    }

    private static <T> T await(Future<T> result) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    // What libvirt has begun must be known to its caller, so the answer is waited for.
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case Throwable cause -> throw new AssertionError("a call throws nothing else", cause);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
