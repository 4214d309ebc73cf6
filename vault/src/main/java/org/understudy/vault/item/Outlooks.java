package org.understudy.vault.item;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.understudy.command.AgentCommand.AdapterAttachment;
import org.understudy.command.AgentCommand.ReplicaDisk;
import org.understudy.command.AgentReport.TargetProgress;
import org.understudy.model.DiskName;
import org.understudy.model.NetworkAdapter;
import org.understudy.model.Portability;
import org.understudy.vault.inventory.InventoryStore;

/** Gathers what a failover of an item would meet: from both agents' reports and from the networks that are mapped. */
public final class Outlooks {
    private final InventoryStore inventory;
    private final ProgressStore progress;
    private final Attachments attachments;

    public Outlooks(InventoryStore inventory, ProgressStore progress, Attachments attachments) {
        this.inventory = inventory;
        this.progress = progress;
        this.attachments = attachments;
    }

    public Outlook of(ProtectedItem item) {
        Portability target = progress.of(item.id()).target().flatMap(TargetProgress::machine)
                .orElse(Portability.FULL);
        return new Outlook(target.obstacles(), unprotected(item),
                unmapped(item.machine().adapters(), attachments.of(item)), target.warnings());
    }

    /** The adapters that would be connected to nothing. */
    public static List<String> unmapped(List<NetworkAdapter> adapters, List<AdapterAttachment> attachments) {
        Set<Integer> connected = attachments.stream().filter(attachment -> attachment.network().isPresent())
                .map(AdapterAttachment::adapter).collect(Collectors.toSet());
        return adapters.stream().filter(adapter -> !connected.contains(adapter.index()))
                .map(adapter -> "Network adapter " + adapter.macAddress() + adapter.network()
                        .map(network -> " is in network " + network + ", which is mapped to no network of the target"
                                + " site: it will be connected to nothing. Map it: understudy network map.")
                        .orElse(" is in no network that can be mapped: it will be connected to nothing."))
                .toList();
    }

    /** Disks that the VM has by now, plugged in live or defined, and that nobody replicates. */
    private List<String> unprotected(ProtectedItem item) {
        Set<DiskName> replicated =
                item.machine().disks().stream().map(ReplicaDisk::name).collect(Collectors.toSet());
        return inventory.machine(item.route().source(), item.machine().vm()).stream()
                .flatMap(found -> found.machine().disks().stream())
                .filter(disk -> !replicated.contains(disk.name()))
                .map(disk -> "Disk " + disk.name() + " of virtual machine " + item.name() + " (" + disk.file()
                        + ") was added after protection began and is not replicated. Disable protection and protect "
                        + "the virtual machine again, or take the disk off it.")
                .toList();
    }
}
