package org.understudy.agent.main;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.understudy.agent.role.HostRoles;
import org.understudy.agent.role.RoleNote;
import org.understudy.agent.role.RoleStore;
import org.understudy.command.HeldRole;
import org.understudy.command.HeldRole.Deed;
import org.understudy.command.MachineRole;
import org.understudy.hypervisor.libvirt.LibvirtHypervisor;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VirtualMachine;
import org.understudy.model.VmId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lets a VM start on this host that may run at another: a decision of a person at this very host, with a reason. */
@Command(
        name = "release",
        description = "Let a VM start on this host although it was failed over to another, or its replica is here. The "
                + "agent need not run; the vault learns of it and tells that two copies may run.",
        mixinStandardHelpOptions = true)
final class ReleaseCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "VM", description = "The VM, by its name or UUID.")
    private String name;

    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; kept here and in the vault.")
    private String reason;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The agent's folder.")
    private Path data;

    @Mixin
    private HostOptions host;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Main.quietLog();
        Deed deed = Person.deed(reason);
        Clock clock = Clock.systemUTC();
        RoleStore store = new RoleStore(data);
        PrintWriter out = spec.commandLine().getOut();
        try (LibvirtHypervisor hypervisor = new LibvirtHypervisor(host.libvirt(), clock)) {
            RoleNote note = note(store, hypervisor, clock.instant());
            String vm = note.held().vmName();
            out.println(note.role().mayStart() ? "VM " + vm + " may start on this host as far as its role says ("
                    + note.role().word() + "); a note that it carries itself is taken away." : note.refusal());
            out.flush();
            Person.mustType("yes", yes ? Optional.of("yes") : Optional.empty(), "--yes");
            new HostRoles(store, hypervisor, clock).release(note, deed);
            out.println("VM " + vm + " may start on this host: virsh start " + vm);
            out.flush();
        }
        return 0;
    }

    /** What is known of it here: by its file; by libvirt where the agent's folder knows nothing, or cannot be read. */
    private RoleNote note(RoleStore store, LibvirtHypervisor hypervisor, Instant now) throws IOException {
        List<RoleNote> known = store.all(_ -> { }).stream().filter(note -> note.held().vmName().equals(name)
                || note.held().vm().toString().equals(name)).toList();
        if (known.size() > 1) {
            throw FailureException.of(FailureCode.REQUEST_INVALID, "Several VMs of this host were named " + name + ": "
                    + String.join(", ", known.stream().map(note -> note.held().vm().toString()).toList()) + ".",
                    "Give the UUID of one.");
        }
        if (!known.isEmpty()) {
            return known.getFirst();
        }
        VirtualMachine machine = hypervisor.machines().stream().filter(found -> found.name().equals(name)
                || found.id().toString().equals(name)).findFirst().orElseThrow(() -> FailureException.of(
                        FailureCode.NOT_FOUND, "This host has no VM " + name + " and keeps no role of one.",
                        "See virsh list --all."));
        VmId vm = machine.id();
        return new RoleNote(new HeldRole(vm, Optional.empty(), machine.name(), MachineRole.RELEASED, now,
                Optional.empty(), Optional.empty()), "", false);
    }
}
