package org.understudy.agent.target;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.understudy.agent.role.RoleStore;
import org.understudy.model.ItemId;
import org.understudy.replica.ReplicaCatalog;

/** A target with one replica of web01, for what lies beside the package of targets. */
public final class LocalTarget implements AutoCloseable {
    private final TargetWorld world;

    public LocalTarget(Path folder) throws IOException {
        world = new TargetWorld(folder);
    }

    /** A recovery point at which the VM has one adapter. */
    public void cycle(String mac) throws IOException {
        world.cycle(world.definition(
                "<interface type='network'><mac address='" + mac + "'/><source network='default'/></interface>"));
    }

    public ItemId item() {
        return world.item;
    }

    public ReplicaMachines machines() {
        return world.machines;
    }

    public ReplicaCatalog catalog() {
        return world.catalog();
    }

    public RoleStore roles() {
        return world.roles;
    }

    public Optional<String> defined() {
        return Optional.ofNullable(world.defined.get(world.vm)).map(machine -> machine.xml());
    }

    public List<String> told() {
        return world.told;
    }

    /** From now on no VM can be started there. */
    public void cannotRun(String obstacle) {
        world.refusals.add(obstacle);
    }

    @Override
    public void close() throws IOException {
        world.close();
    }
}
