package org.understudy.agent.role;

import java.util.Objects;
import org.understudy.command.HeldRole;
import org.understudy.command.MachineRole;

/**
 * What this host keeps of a VM's role.
 *
 * @param refusal what whoever tries to start the VM is told, one line; empty for a role in which it may start
 * @param autostart whether its host started it by itself before it was left behind
 */
public record RoleNote(HeldRole held, String refusal, boolean autostart) {
    public RoleNote {
        Objects.requireNonNull(held, "held");
        Objects.requireNonNull(refusal, "refusal");
        if (refusal.isEmpty() != held.role().mayStart()) {
            throw new IllegalArgumentException("a VM is refused a start in these roles alone, with a sentence");
        }
    }

    /** Of a VM that may start. */
    static RoleNote free(HeldRole held, boolean autostart) {
        return new RoleNote(held, "", autostart);
    }

    public MachineRole role() {
        return held.role();
    }
}
