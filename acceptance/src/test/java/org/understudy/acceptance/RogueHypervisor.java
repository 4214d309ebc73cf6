package org.understudy.acceptance;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.understudy.hypervisor.Hypervisor;
import org.understudy.hypervisor.MachineDefinition;
import org.understudy.model.VmId;

/**
 * A hypervisor of a source's host that somebody hostile owns: it tells definitions that were forged, each in a file
 * {@code <uuid>.xml} of a folder, in the place of the true ones. All else is the real hypervisor's.
 */
final class RogueHypervisor {
    private RogueHypervisor() {}

    static Hypervisor over(Hypervisor real, Path forgeries) {
        return (Hypervisor) Proxy.newProxyInstance(Hypervisor.class.getClassLoader(), new Class<?>[] {Hypervisor.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("definition")) {
                        Path forged = file(forgeries, (VmId) arguments[0]);
                        if (Files.exists(forged)) {
                            return new MachineDefinition(Files.readString(forged));
                        }
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    static Path file(Path forgeries, VmId vm) {
        return forgeries.resolve(vm + ".xml");
    }
}
