package org.understudy.agent.source;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.understudy.hypervisor.FirmwareInMemory;
import org.understudy.hypervisor.SourceHost;

/** A host whose VMs keep what a test says beside their disks, and are else what they are. */
final class FirmwareBeside {
    private FirmwareBeside() {}

    static SourceHost over(SourceHost host, FirmwareInMemory firmware) {
        return (SourceHost) Proxy.newProxyInstance(FirmwareBeside.class.getClassLoader(),
                new Class<?>[] {SourceHost.class}, (_, method, arguments) -> {
                    if (method.getName().equals("firmware")) {
                        return firmware;
                    }
                    try {
                        return method.invoke(host, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
