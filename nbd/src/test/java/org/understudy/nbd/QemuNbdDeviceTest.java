package org.understudy.nbd;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.disk.BlockDevice;
import org.understudy.disk.BlockDeviceContract;

/** An export of qemu-nbd keeps the contract of a block device. */
class QemuNbdDeviceTest extends BlockDeviceContract {
    @TempDir
    private Path folder;

    private NbdServerProcess server;

    @Override
    protected BlockDevice openEmpty() throws IOException {
        Path image = folder.resolve("disk.qcow2");
        NbdServerProcess.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "" + SIZE.bytes());
        server = NbdServerProcess.qemu(image, "qcow2");
        return server.connect();
    }

    @AfterEach
    void stopServer() throws IOException {
        if (server != null) {
            // A server waits for its clients before it ends.
            device.close();
            server.close();
        }
    }
}
