package org.understudy.command;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.understudy.model.ItemId;
import org.understudy.model.PlainText;
import org.understudy.model.RecoveryPoint;
import org.understudy.model.VmId;

/**
 * The role that a VM has at a host, as the host keeps it durably. Names and reasons are plain text of a bounded length,
 * and cut where they are longer.
 *
 * @param item the protected item it has it for; empty when its host was never told
 * @param vmName for people
 * @param since by the host's clock
 * @param elsewhere the host at which the VM runs, of one that is left behind; empty when nobody told it yet
 * @param deed by which a person gave it that role at the host itself; empty when the vault did
 */
public record HeldRole(
        VmId vm, Optional<ItemId> item, String vmName, MachineRole role, Instant since, Optional<String> elsewhere,
        Optional<Deed> deed) {
    /** Of a name or an account, in characters; libvirt's own bound for names is lower. */
    static final int NAME_MAX = 255;
    /** Of a reason, in characters: some sentences. */
    static final int REASON_MAX = 500;

    public HeldRole {
        Objects.requireNonNull(vm, "vm");
        item = Objects.requireNonNullElse(item, Optional.empty());
        vmName = PlainText.of(Objects.requireNonNull(vmName, "vmName"), NAME_MAX);
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(since, "since");
        elsewhere = Objects.requireNonNullElse(elsewhere, Optional.<String>empty())
                .map(host -> PlainText.of(host, NAME_MAX));
        deed = Objects.requireNonNullElse(deed, Optional.empty());
    }

    /**
     * What a person did at the host without the vault.
     *
     * @param by the account at the host
     * @param point from which the VM was started, of a failover that has come so far
     */
    public record Deed(String by, String reason, Optional<RecoveryPoint> point) {
        public Deed {
            by = PlainText.of(Objects.requireNonNull(by, "by"), NAME_MAX);
            reason = PlainText.of(Objects.requireNonNull(reason, "reason"), REASON_MAX);
            point = Objects.requireNonNullElse(point, Optional.empty());
        }

        /** The same, which started the VM from that point. */
        public Deed from(RecoveryPoint started) {
            return new Deed(by, reason, Optional.of(started));
        }
    }
}
