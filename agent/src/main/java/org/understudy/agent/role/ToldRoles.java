package org.understudy.agent.role;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.understudy.command.ToldRole;
import org.understudy.model.FailureException;

/**
 * Gives VMs the roles that the vault tells, beside whoever heard it, since libvirt may let that wait. What is told
 * while the last is still being done is left: the vault tells it again as long as this host's own notes say otherwise.
 */
public final class ToldRoles implements Consumer<List<ToldRole>> {
    private static final Logger LOG = LoggerFactory.getLogger(ToldRoles.class);

    private final HostRoles roles;
    private final AtomicBoolean busy = new AtomicBoolean();

    public ToldRoles(HostRoles roles) {
        this.roles = roles;
    }

    @Override
    public void accept(List<ToldRole> told) {
        if (!told.isEmpty() && busy.compareAndSet(false, true)) {
            Thread.ofVirtual().name("told-roles").start(() -> give(told));
        }
    }

    private void give(List<ToldRole> told) {
        try {
            for (ToldRole one : told) {
                give(one);
            }
        } finally {
            busy.set(false);
        }
    }

    private void give(ToldRole told) {
        try {
            roles.told(told);
        } catch (IOException | FailureException e) {
            LOG.error("a role that the vault told was not kept vm={} role={}", told.vm(), told.role().word(), e);
        }
    }
}
