package org.understudy.hypervisor.libvirt;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.hypervisor.MachineEvent;
import org.understudy.model.VmId;
import org.understudy.model.loop.EndlessLoop;

/**
 * libvirt's event loop, one for the process, and the receivers of its lifecycle events.
 *
 * <p>The loop is one platform daemon thread inside libvirt; it carries keepalive too, so it must never wait: a receiver
 * only hands the event on. A receiver is known to C by a number, not an address, so a late event of a closed connection
 * finds nobody instead of freed memory.
 */
final class LibvirtEvents {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtEvents.class);

    private static final Map<Long, Consumer<MachineEvent>> RECEIVERS = new ConcurrentHashMap<>();
    private static final AtomicLong LAST_RECEIVER = new AtomicLong();
    private static final MemorySegment CALLBACK = callback();

    private static final Semaphore NEVER = new Semaphore(0);

    static {
        Thread.ofPlatform().daemon().name("libvirt-events").start(new EndlessLoop(
                "libvirt events", LibvirtEvents::turn, () -> false,
                atMost -> NEVER.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)));
    }

    private LibvirtEvents() {}

    /** Starts the loop if it does not run; to be called before a connection is opened. */
    static void start() {
        // Initialising this class has started it.
    }

    /** Makes a receiver known; the answer is its number, for {@link #callback}'s opaque pointer. */
    static long add(Consumer<MachineEvent> receiver) {
        long number = LAST_RECEIVER.incrementAndGet();
        RECEIVERS.put(number, receiver);
        return number;
    }

    static void remove(long receiver) {
        RECEIVERS.remove(receiver);
    }

    /** Has the events of a connection sent to a receiver; the answer is for {@link #deregister}. */
    static int register(MemorySegment connection, long receiver) throws LibvirtException {
        return LibvirtLibrary.virConnectDomainEventRegisterAny(connection, CALLBACK, receiver);
    }

    /** On a lost connection too: what libvirt keeps in this process is released before it fails to tell libvirtd. */
    static void deregister(MemorySegment connection, int registration) {
        try {
            LibvirtLibrary.virConnectDomainEventDeregisterAny(connection, registration);
        } catch (LibvirtException e) {
            LOG.debug("libvirtd could not be told to send no more events reason=\"{}\"", e.getMessage());
        }
    }

    /** One turn of libvirt's own loop; what it refuses is asked again, after pauses that grow. */
    private static void turn() {
        if (!LibvirtLibrary.virEventRunDefaultImpl()) {
            throw new IllegalStateException("libvirt's event loop failed a turn: no events and no keepalive");
        }
    }

    private static MemorySegment callback() {
        try {
            return LibvirtLibrary.lifecycleCallback(MethodHandles.lookup().findStatic(
                    LibvirtEvents.class, "receive", MethodType.methodType(int.class, MemorySegment.class,
                            MemorySegment.class, int.class, int.class, MemorySegment.class)));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("the method stands below", e);
        }
    }

    /** Called from C: whatever left it would end the process, an Error for want of memory as well. */
    private static int receive(
            MemorySegment connection, MemorySegment domain, int event, int detail, MemorySegment opaque) {
        try {
            Consumer<MachineEvent> receiver = RECEIVERS.get(opaque.address());
            Optional<MachineEvent.Kind> kind = kind(event);
            if (receiver != null && kind.isPresent()) {
                VmId vm = VmId.parse(LibvirtLibrary.virDomainGetUUIDString(domain));
                receiver.accept(new MachineEvent(vm, kind.get()));
            }
        } catch (LibvirtException | RuntimeException | Error e) {
            tellOfLost(event, e);
        }
        return 0;
    }

    private static void tellOfLost(int event, Throwable why) {
        try {
            LOG.warn("an event of libvirt was lost event={}", event, why);
        } catch (RuntimeException | Error untold) {
            // There was not even the memory to say so; an event only shortens a wait.
            return;
        }
    }

    /** Empty for what says nothing new: the guest's own "shut down" precedes the "stopped" that counts. */
    private static Optional<MachineEvent.Kind> kind(int event) {
        return switch (event) {
            case LibvirtLibrary.VIR_DOMAIN_EVENT_DEFINED -> Optional.of(MachineEvent.Kind.DEFINED);
            case LibvirtLibrary.VIR_DOMAIN_EVENT_UNDEFINED -> Optional.of(MachineEvent.Kind.UNDEFINED);
            case LibvirtLibrary.VIR_DOMAIN_EVENT_STARTED -> Optional.of(MachineEvent.Kind.STARTED);
            case LibvirtLibrary.VIR_DOMAIN_EVENT_SUSPENDED, LibvirtLibrary.VIR_DOMAIN_EVENT_PMSUSPENDED ->
                Optional.of(MachineEvent.Kind.SUSPENDED);
            case LibvirtLibrary.VIR_DOMAIN_EVENT_RESUMED -> Optional.of(MachineEvent.Kind.RESUMED);
            case LibvirtLibrary.VIR_DOMAIN_EVENT_STOPPED, LibvirtLibrary.VIR_DOMAIN_EVENT_CRASHED ->
                Optional.of(MachineEvent.Kind.STOPPED);
            default -> Optional.empty();
        };
    }
}
