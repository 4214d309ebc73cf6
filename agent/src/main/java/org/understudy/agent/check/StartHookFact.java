package org.understudy.agent.check;

import java.io.IOException;
import java.nio.file.Path;
import org.understudy.agent.role.StartHook;
import org.understudy.hypervisor.libvirt.LibvirtHypervisor;
import org.understudy.model.FailureException;
import org.understudy.model.FailureTeller;
import org.understudy.model.HostFact;

/** Whether libvirt asks before it starts a VM: tried with a VM that never starts where it does. */
final class StartHookFact {
    private static final String SUBJECT = "second copies of VMs";
    private static final String OTHERWISE = " An old copy of a VM that was failed over would start here.";

    private StartHookFact() {}

    static HostFact of(LibvirtHypervisor hypervisor, Path agentFolder) {
        StartHook hook = StartHook.of(agentFolder);
        try {
            return switch (hook.state()) {
                case AS_IT_SHOULD_BE -> tried(hypervisor);
                case ANOTHERS -> HostFact.no(SUBJECT, "The file " + hook.file() + " is not Understudy's, and is left "
                        + "as it is." + OTHERWISE, "Give it another name, then restart the agent.");
                case MISSING -> HostFact.no(SUBJECT, "The file " + hook.file() + ", by which libvirt asks before it "
                        + "starts a VM, is missing or of another release." + OTHERWISE,
                        "Restart the agent as root; it lays the file down.");
                case NO_LIBVIRT -> HostFact.unknown(SUBJECT, "This machine has no folder "
                        + hook.file().getParent().getParent().getParent() + ".",
                        "Run the agent on the very host whose libvirt it uses.");
            };
        } catch (IOException | FailureException e) {
            return HostFact.unknown(SUBJECT, "Whether libvirt asks before it starts a VM could not be tried: "
                    + FailureTeller.reason(e) + ".", "Read libvirt's log on this host.");
        }
    }

    private static HostFact tried(LibvirtHypervisor hypervisor) throws IOException {
        return hypervisor.refusesToStart(StartHook.TRIAL, StartHook.TRIAL_SAYS)
                ? HostFact.yes(SUBJECT, "libvirt asks Understudy before it starts a VM, so an old copy does not start.")
                : HostFact.no(SUBJECT, "libvirt does not ask Understudy before it starts a VM: it looks for hooks when "
                        + "it starts or reloads alone." + OTHERWISE,
                        "systemctl reload libvirtd (or virtqemud); VMs go on meanwhile.");
    }
}
