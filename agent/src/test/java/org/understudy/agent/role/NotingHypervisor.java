package org.understudy.agent.role;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.HypervisorAwayException;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VirtualMachine.PowerState;
import org.understudy.model.VmId;

/** A hypervisor with one VM that notes what it is told of roles and of the VM's start with its host. */
final class NotingHypervisor {
    final List<String> told = new ArrayList<>();
    boolean autostart;
    boolean away;
    PowerState power = PowerState.SHUT_OFF;
    /** The note of a role that it carries; empty for none. */
    String carried = "";
    private final VmId vm;

    NotingHypervisor(VmId vm) {
        this.vm = vm;
    }

    Hypervisor end() {
        return (Hypervisor) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Hypervisor.class},
                (_, method, arguments) -> answer(method.getName(), arguments));
    }

    private Object answer(String method, Object[] arguments) throws HypervisorAwayException {
        if (away) {
            throw new HypervisorAwayException("libvirtd is not there", new IOException("away"));
        }
        return switch (method) {
            case "machine" -> Optional.of(new VirtualMachine(vm, "web01", power, List.of(), List.of()));
            case "definition" -> {
                MachineDefinition plain = new MachineDefinition(
                        "<domain><name>web01</name><metadata/></domain>").withAutostart(autostart);
                yield carried.isEmpty() ? plain : plain.withRole(carried);
            }
            case "setAutostart" -> {
                autostart = (boolean) arguments[1];
                yield null;
            }
            case "noteRole" -> {
                told.add(((Optional<?>) arguments[1]).map(Object::toString).orElse("nothing"));
                yield null;
            }
            default -> throw new AssertionError(method);
        };
    }
}
