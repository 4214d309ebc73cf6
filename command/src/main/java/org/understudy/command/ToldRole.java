package org.understudy.command;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ItemId;
import org.understudy.model.VmId;

/**
 * The role that a VM is to have at a host, as the vault tells a host whose own note says otherwise.
 *
 * @param elsewhere the host at which the VM runs; empty when it is to run at the one that is told
 * @param since when that came about, by the vault's clock
 * @param against since when the host has had the role that this corrects, as it told; empty when it told none. A host
 *     whose note is another by now leaves it: whatever the word belonged to is over, and the vault looks again
 */
public record ToldRole(
        VmId vm, ItemId item, String vmName, MachineRole role, String elsewhere, Instant since,
        Optional<Instant> against) {
    public ToldRole {
        Objects.requireNonNull(vm, "vm");
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(vmName, "vmName");
        Objects.requireNonNull(role, "role");
        elsewhere = Objects.requireNonNullElse(elsewhere, "");
        Objects.requireNonNull(since, "since");
        against = Objects.requireNonNullElse(against, Optional.empty());
    }
}
