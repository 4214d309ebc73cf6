package org.understudy.replica;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.understudy.model.DiskName;

/** The contract over images that were there before the replica. */
@Tag("slow")
class AdoptedStoreTest extends ReplicaStoreContract {
    @Override
    protected ReplicaWorld make(Path folder) throws IOException {
        ReplicaWorld world = ReplicaWorld.ofGeneration(folder, 52, 2);
        Path images = Files.createDirectories(folder.resolve("images"));
        Map<DiskName, AdoptedImage> adopted = new TreeMap<>();
        for (ReplicaDisk disk : world.spec.disks()) {
            Path image = images.resolve(disk.name() + ".qcow2");
            QemuTools.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(),
                    Long.toString(disk.size().bytes()));
            adopted.put(disk.name(), new AdoptedImage(image, "qcow2"));
        }
        world.adopt(new Adoption(adopted, world.clock.instant(), false));
        return world;
    }
}
