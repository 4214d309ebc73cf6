package org.understudy.hypervisor.libvirt;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.understudy.hypervisor.HostLook;
import org.understudy.model.Failure;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VmId;

/**
 * The roll of a host's VMs, each read by itself: one that cannot be read, or whose QEMU does not answer, is told of and
 * hides no other. What was read of it before stands until it answers; it is not asked again before it has.
 *
 * <p>A look takes {@code bound} at most once every VM was asked, and {@value #UNANSWERED_MAX} of them may be silent: no
 * other is asked then before one answers. For one thread.
 */
final class MachineRoll {
    /** Each holds a thread of this process and one of the few requests that libvirt takes from it at once. */
    static final int UNANSWERED_MAX = 2;

    private final Function<VmId, Future<Optional<VirtualMachine>>> reader;
    private final Duration bound;
    private final Map<VmId, VirtualMachine> known = new HashMap<>();
    private final Map<VmId, Future<Optional<VirtualMachine>>> unanswered = new HashMap<>();

    /**
     * @param reader begins to read a VM; empty when it is gone
     * @param bound how long a look waits for one VM
     */
    MachineRoll(Function<VmId, Future<Optional<VirtualMachine>>> reader, Duration bound) {
        this.reader = reader;
        this.bound = bound;
    }

    /**
     * Reads these VMs, and forgets all others.
     *
     * @param connection for the look
     */
    HostLook call(List<VmId> present, int connection) throws InterruptedException {
        Set<VmId> there = new HashSet<>(present);
        known.keySet().retainAll(there);
        unanswered.keySet().retainAll(there);
        List<Failure> troubles = new ArrayList<>();
        for (VmId vm : present) {
            read(vm).ifPresent(troubles::add);
        }
        return new HostLook(present.stream().filter(known::containsKey).map(known::get).toList(), troubles,
                connection);
    }

    private Optional<Failure> read(VmId vm) throws InterruptedException {
        Future<Optional<VirtualMachine>> answer = unanswered.get(vm);
        boolean asked = answer != null;
        if (!asked && unanswered.size() >= UNANSWERED_MAX) {
            return Optional.of(trouble(vm, "was not asked, for others do not answer"));
        }
        answer = asked ? answer : reader.apply(vm);
        try {
            Optional<VirtualMachine> read = answer.get(asked ? 0 : bound.toNanos(), TimeUnit.NANOSECONDS);
            unanswered.remove(vm);
            read.ifPresentOrElse(machine -> known.put(vm, machine), () -> known.remove(vm));
            return Optional.empty();
        } catch (TimeoutException e) {
            unanswered.put(vm, answer);
            return Optional.of(trouble(vm, "does not answer; its QEMU may hang"));
        } catch (ExecutionException e) {
            unanswered.remove(vm);
            return Optional.of(trouble(vm, "could not be read: " + FailureTeller.reason(e.getCause())));
        }
    }

    private Failure trouble(VmId vm, String what) {
        String name = Optional.ofNullable(known.get(vm)).map(VirtualMachine::name).orElse(vm.toString());
        return FailureException.of(FailureCode.HYPERVISOR_BUSY, "VM " + name + " " + what + ".",
                "Look at this VM with libvirt's own tools; what was known of it before is shown until it answers.")
                .failure();
    }
}
