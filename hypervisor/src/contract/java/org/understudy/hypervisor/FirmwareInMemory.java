package org.understudy.hypervisor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VmId;

/** Firmware variables and TPM states of VMs in memory. Safe for many threads. */
public final class FirmwareInMemory implements FirmwareStore {
    private final Map<VmId, FirmwareReading.Held> machines = new ConcurrentHashMap<>();
    private volatile Optional<String> notNow = Optional.empty();
    private long writes;

    /** A VM that keeps nothing yet. */
    public synchronized void add(VmId vm) {
        keep(vm, FirmwareBundle.NONE);
    }

    /** Its firmware or TPM writes that. */
    public synchronized void write(VmId vm, Kind kind, byte[] content) {
        FirmwareBundle before = machines.get(vm).bundle();
        Map<Kind, byte[]> parts = new EnumMap<>(Kind.class);
        before.kinds().forEach(held -> parts.put(held, before.part(held).orElseThrow()));
        parts.put(kind, content);
        keep(vm, FirmwareBundle.of(parts));
    }

    /** It keeps this and nothing else from now on. */
    public synchronized void keep(VmId vm, FirmwareBundle bundle) {
        writes++;
        machines.put(vm, new FirmwareReading.Held(bundle, Optional.of("write " + writes)));
    }

    /** From now on nothing can be read, for that reason; or again. */
    public void notNow(Optional<String> reason) {
        notNow = reason;
    }

    /** Part by part, as each has a file of its own. */
    @Override
    public synchronized List<String> place(FirmwarePlacement placement, Optional<FirmwareBundle> known) {
        List<String> now = new ArrayList<>();
        FirmwareBundle there = Optional.ofNullable(machines.get(placement.vm())).map(FirmwareReading.Held::bundle)
                .orElse(FirmwareBundle.NONE);
        machines.putIfAbsent(placement.vm(), new FirmwareReading.Held(FirmwareBundle.NONE, Optional.empty()));
        for (Kind kind : placement.bundle().kinds()) {
            Optional<byte[]> before = there.part(kind);
            boolean may = before.isEmpty() || isPart(placement.bundle(), kind, before.get())
                    || known.isPresent() && isPart(known.get(), kind, before.get());
            if (!may) {
                now.add("The " + kind + " was set aside.");
            }
            write(placement.vm(), kind, placement.bundle().part(kind).orElseThrow());
        }
        return now;
    }

    private static boolean isPart(FirmwareBundle bundle, Kind kind, byte[] content) {
        return bundle.part(kind).filter(part -> Arrays.equals(part, content)).isPresent();
    }

    @Override
    public synchronized void takeBack(FirmwarePlacement placement) {
        if (!machines.containsKey(placement.vm())) {
            return;
        }
        FirmwareBundle there = machines.get(placement.vm()).bundle();
        Map<Kind, byte[]> left = new EnumMap<>(Kind.class);
        there.kinds().forEach(kind -> {
            byte[] part = there.part(kind).orElseThrow();
            if (!isPart(placement.bundle(), kind, part)) {
                left.put(kind, part);
            }
        });
        keep(placement.vm(), FirmwareBundle.of(left));
    }

    @Override
    public void remove(VmId vm) {
        machines.remove(vm);
    }

    @Override
    public FirmwareReading read(VmId vm, Optional<FirmwareReading.Held> last) {
        FirmwareReading.Held now = machines.get(vm);
        if (now == null) {
            throw FailureException.of(FailureCode.VM_NOT_FOUND_AT_SOURCE, "VM " + vm + " is not defined on this host.");
        }
        if (notNow.isPresent()) {
            return new FirmwareReading.NotNow(notNow.get());
        }
        return last.filter(earlier -> earlier.imprint().equals(now.imprint())).orElse(now);
    }
}
