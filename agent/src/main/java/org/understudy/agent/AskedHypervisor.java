package org.understudy.agent;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.understudy.agent.vault.CommandProgress;
import org.understudy.hypervisor.Hypervisor;

/** A hypervisor of which it shows in a command's progress that it is asked, and for how long it has not answered. */
final class AskedHypervisor {
    private AskedHypervisor() {}

    static Hypervisor over(Hypervisor real) {
        return (Hypervisor) Proxy.newProxyInstance(Hypervisor.class.getClassLoader(), new Class<?>[] {Hypervisor.class},
                (proxy, method, arguments) -> {
                    try {
                        return CommandProgress.asking(words(method.getName()), () -> method.invoke(real, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static String words(String method) {
        return switch (method) {
            case "define" -> "to define the VM";
            case "undefine" -> "to remove the VM's definition";
            case "start" -> "to start the VM";
            case "destroy" -> "to stop the VM";
            case "requestShutdown" -> "to shut the VM down";
            case "setAutostart" -> "to start the VM with its host or not";
            case "createIsolatedNetwork" -> "to make a network";
            case "removeIsolatedNetwork" -> "to remove a network";
            case "checkpoints", "deleteCheckpoint", "reapCheckpoints" -> "to remove checkpoints";
            case "beginPointInTime", "endAbandonedPointInTime" -> "to end a point in time";
            case "capabilities", "refusals" -> "whether it could run the VM";
            default -> "about the VM";
        };
    }
}
